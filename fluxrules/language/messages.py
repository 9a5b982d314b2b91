"""Syntax errors in French: what was found, what would fit, and the usual slips with their remedy."""

from __future__ import annotations

from lark.exceptions import UnexpectedToken

from fluxrules.language.syntax import Problem

_ODD = {
    "&": "Écrivez « et ».",
    "|": "Écrivez « ou ».",
    "!": "Écrivez « non », ou « ≠ » entre deux nombres.",
    "?": "Retirez le point d'interrogation.",
    "'": "Écrivez les valeurs entre guillemets : « valeur ».",
    "’": "Écrivez les valeurs entre guillemets : « valeur ».",
    ".": "Les décimales s'écrivent avec une virgule : 2,5 ; les milliers se séparent par une espace : 1 500.",
    "«": "Fermez le guillemet par « » ».",
    "»": "Ouvrez le guillemet par « « ».",
    '"': "Fermez le guillemet.",
    "[": "Écrivez une liste entre parenthèses, avec des points-virgules : (« a » ; « b »).",
    "{": "Retirez l'accolade.",
    "$": "Écrivez les montants en euros : 400 €/mois.",
}
_AT_MOST = "Écrivez « , au plus 60 » à la fin."
_NO_FUNCTION = "Il n'y a pas de fonction : la condition s'écrit après « si: », les points après « points: »."
_SLIPS = {
    "and": "Écrivez « et ».",
    "or": "Écrivez « ou ».",
    "not": "Écrivez « non ».",
    "AND": "Écrivez « et ».",
    "OR": "Écrivez « ou ».",
    "ET": "Écrivez « et » en minuscules.",
    "OU": "Écrivez « ou » en minuscules.",
    "NON": "Écrivez « non » en minuscules.",
    "point": "Écrivez le nombre seul, comme 20.",
    "points": "Écrivez le nombre seul, comme 20.",
    "pt": "Écrivez le nombre seul, comme 20.",
    "pts": "Écrivez le nombre seul, comme 20.",
    "+": "Retirez le signe « + ».",
    "max": _AT_MOST,
    "maxi": _AT_MOST,
    "maximum": _AT_MOST,
    "plafond": _AT_MOST,
    "plafonné": _AT_MOST,
    "m2": "Écrivez « m² ».",
    "dont": "Écrivez « où », et la condition entre parenthèses : où (handicap).",
    "avec": "Écrivez « où », et la condition entre parenthèses : où (handicap).",
    "pour": "Écrivez « % ».",
    "pourcent": "Écrivez « % ».",
    "oui": "Un oui/non s'écrit seul, sans comparaison : « DALO », ou « non DALO ».",
    "SI": _NO_FUNCTION,
    "IF": _NO_FUNCTION,
    ",": "Séparez les valeurs d'une liste par « ; » ; les décimales s'écrivent sans espace : 2,5.",
    "euros": "Écrivez « € », « €/mois » ou « €/an ».",
    "euro": "Écrivez « € », « €/mois » ou « €/an ».",
}
_SIGNS = {
    "==": "Écrivez « = » une seule fois.",
    "=>": "Écrivez « >= ».",
    "=<": "Écrivez « <= ».",
    "<>": "Écrivez « ≠ ».",
    "><": "Écrivez « ≠ ».",
}
_EXPECTED = {
    "RPAR": "« ) »",
    "LPAR": "« ( »",
    "OU_LIEU": "« où »",
    "GUILLEMETS": "une valeur entre « »",
    "NOM": "un nom",
    "NOMBRE": "un nombre",
    "QUANTITE": "un nombre avec son unité",
    "PAR": "« par »",
    "DE": "« de »",
    "OPERATEUR": "une comparaison (<, ≤, =, ≥, >)",
}


def explain_characters(text: str, at: int) -> Problem:
    """A character that begins no word of the language."""
    c = text[at]
    remedy = _ODD.get(c, "Retirez ce caractère.")
    return Problem(f"Le caractère « {c} » n'a pas de sens ici.", (at, at + 1), remedy, precise=c == ".")


def explain_end(text: str) -> Problem:
    """The text stops too early."""
    missing = text.count("(") - text.count(")")
    if missing > 0:
        return Problem(
            "Une parenthèse ouverte n'est pas fermée.", (text.find("("), len(text)), "Ajoutez « ) » à la fin."
        )
    return Problem("L'expression s'arrête trop tôt : il manque la suite.", (max(0, len(text.rstrip()) - 1), len(text)),
                   "Complétez l'expression après le dernier mot.")  # fmt: skip


def explain_token(text: str, error: UnexpectedToken) -> Problem:
    """A word where another is expected."""
    token = error.token
    start = token.start_pos if token.start_pos is not None else 0
    at = (start, start + len(str(token)))
    word = str(token)
    if word in _SLIPS:
        return Problem(f"« {word} » n'a pas de sens ici.", at, _SLIPS[word], precise=True)
    before = text[:start].split()[-1:] or [""]
    if before[0] in _SLIPS:
        end = len(text[:start].rstrip())
        return Problem(
            f"« {before[0]} » n'a pas de sens ici.", (end - len(before[0]), end), _SLIPS[before[0]], precise=True
        )
    if before[0] == "où" and token.type != "LPAR":
        return Problem("La condition qui suit « où » n'est pas entre parenthèses.", at, "Écrivez « où (condition) ».")
    if before[0] == "est" and token.type in ("NOMBRE", "QUANTITE", "DATE"):
        return Problem(f"« est » ne compare pas un nombre : « {word} ».", at, f"Écrivez « = {word} ».")
    sign = text[max(0, start - 1) : start + 1]
    if token.type == "OPERATEUR" and sign in _SIGNS:
        return Problem(f"« {sign} » n'est pas un signe du langage.", (start - 1, start + 1), _SIGNS[sign])
    if token.type == "RPAR" and text.count(")") > text.count("("):
        return Problem("Cette parenthèse ferme sans qu'aucune soit ouverte.", at, "Retirez-la, ou ouvrez-en une avant.")
    if token.type == "NOM" and start and text[:start].rstrip().split()[-1:][0:1] not in ([], ["et"], ["ou"]):
        return Problem(f"« {word} » ne peut pas suivre « {before[0]} ».", at,
                       "Un nom n'a pas d'espaces (écrivez loyer_mensuel) ; une valeur s'écrit entre « ».")  # fmt: skip
    fits = sorted({_EXPECTED[e] for e in error.expected if e in _EXPECTED})
    wanted = f" Attendu ici : {', '.join(fits[:4])}." if fits else ""
    return Problem(f"« {word} » n'est pas à sa place.{wanted}", at,
                   "Relisez ce qui précède ce mot." if start else "Remplacez ce mot.")  # fmt: skip
