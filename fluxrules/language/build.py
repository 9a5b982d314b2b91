"""From the parser's tree to the syntax tree."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from lark import Token, Transformer, Tree, v_args
from lark.tree import Meta

from fluxrules.language import syntax as s
from fluxrules.language.numbers import MOST_DIGITS, read_date, read_quantity

_OPERATORS = {"≤": "<=", "≥": ">="}


class RefusedError(Exception):
    """The text has the form of an expression, but cannot be accepted."""

    def __init__(self, problem: s.Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def _at(meta: Meta) -> s.At:
    return (meta.start_pos, meta.end_pos) if not meta.empty else (0, 0)


@v_args(meta=True)
class Build(Transformer[Token, Any]):
    """One method per rule of ``grammar/expression.lark``; ``c`` are the children."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def _slice(self, node: Any) -> str:
        return self.text[node.at[0] : node.at[1]]

    def expression(self, _: Meta, c: list[Any]) -> Any:
        return c[0]

    montant = tranche = parenthese = expression

    # --- conditions
    def connecteur(self, _: Meta, c: list[Token]) -> Token:
        return c[0]

    def logique(self, m: Meta, c: list[Any]) -> s.Logical:
        words = {str(t.type) for t in c[1::2]}
        if len(words) > 1:
            raise RefusedError(self._mixed(m, c))
        return s.Logical(str(c[1]), tuple(c[0::2]), _at(m))

    def _mixed(self, m: Meta, c: list[Any]) -> s.Problem:
        """« A et B ou C » says two things; both readings are shown."""

        def grouped(inner: str) -> str:
            parts, run = [], [self._slice(c[0])]
            for word, item in zip(c[1::2], c[2::2], strict=True):
                if word.type == inner:
                    run += [str(word), self._slice(item)]
                else:
                    parts += [run, [str(word)]]
                    run = [self._slice(item)]
            parts.append(run)
            return " ".join("(" + " ".join(p) + ")" if len(p) > 1 else p[0] for p in parts)

        help_text = f"Écrivez des parenthèses : « {grouped('ET')} », ou bien « {grouped('OU')} »."
        return s.Problem(
            "« et » et « ou » se mélangent sans parenthèses : deux lectures sont possibles.",
            _at(m),
            help_text,
            "FX1002",
        )

    def negation(self, m: Meta, c: list[Any]) -> s.Not:
        return s.Not(c[-1], _at(m))

    def compare(self, m: Meta, c: list[Any]) -> s.Comparison:
        return s.Comparison(_OPERATORS.get(str(c[1]), str(c[1])), c[0], c[2], _at(m))

    def texte_liste(self, _: Meta, c: list[Token]) -> tuple[s.Text, ...]:
        return tuple(self._text(t) for t in c if t.type == "GUILLEMETS")

    def _text(self, t: Token) -> s.Text:
        return s.Text(str(t)[1:-1].strip(" \u00a0\u202f").replace("’", "'"), (t.start_pos or 0, t.end_pos or 0))

    def parmi(self, m: Meta, c: list[Any]) -> s.OneOf:
        return s.OneOf(c[0], c[2], False, _at(m))

    def pas_parmi(self, m: Meta, c: list[Any]) -> s.OneOf:
        return s.OneOf(c[0], c[2], True, _at(m))

    def renseigne(self, m: Meta, c: list[Any]) -> s.IsKnown:
        return s.IsKnown(c[0], False, _at(m))

    def non_renseigne(self, m: Meta, c: list[Any]) -> s.IsKnown:
        return s.IsKnown(c[0], True, _at(m))

    def contient(self, m: Meta, c: list[Any]) -> s.Contains:
        return s.Contains(c[0], c[2], False, _at(m))

    def ne_contient_pas(self, m: Meta, c: list[Any]) -> s.Contains:
        return s.Contains(c[0], c[2], True, _at(m))

    # --- arithmetic
    def addition(self, m: Meta, c: list[Any]) -> s.Sum:
        terms = [(1, c[0])] + [(1 if o.type == "PLUS" else -1, e) for o, e in zip(c[1::2], c[2::2], strict=True)]
        return s.Sum(tuple(terms), _at(m))

    def multiplication(self, m: Meta, c: list[Any]) -> s.Product:
        factors = [(1, c[0])] + [(1 if o.type == "FOIS" else -1, e) for o, e in zip(c[1::2], c[2::2], strict=True)]
        return s.Product(tuple(factors), _at(m))

    def oppose(self, m: Meta, c: list[Any]) -> s.Sum:
        return s.Sum(((-1, c[-1]),), _at(m))

    def nombre(self, m: Meta, c: list[Token]) -> s.Number:
        return self._number(c[0], _at(m))

    def _number(self, token: Token, at: s.At) -> s.Number:
        read = read_quantity(str(token))
        if read is None:
            raise RefusedError(
                s.Problem(f"Ce nombre a plus de {MOST_DIGITS} chiffres.", at, "Écrivez un nombre plus court.")
            )
        return s.Number(read[0], read[1], at)

    def date(self, m: Meta, c: list[Token]) -> s.DateLiteral:
        day = read_date(str(c[0]))
        if day is None:
            raise RefusedError(
                s.Problem(f"Le jour {c[0]} n'existe pas.", _at(m), "Écrivez une date comme 31/12/2026.", "FX1003")
            )
        return s.DateLiteral(day, _at(m))

    def nom(self, m: Meta, c: list[Token]) -> s.Name:
        return s.Name(str(c[0]), _at(m))

    def texte(self, _: Meta, c: list[Token]) -> s.Text:
        return self._text(c[0])

    def ecoule(self, m: Meta, c: list[Token]) -> s.Elapsed:
        return s.Elapsed(self._name(c[1]), _at(m))

    def _name(self, t: Token) -> s.Name:
        return s.Name(str(t), (t.start_pos or 0, t.end_pos or 0))

    # --- quantifiers
    def filtre(self, _: Meta, c: list[Any]) -> Any:
        return c[-1]

    def _quantifier(self, m: Meta, kind: str, c: list[Any], count: int = 1) -> s.Quantifier:
        scope = next(t for t in c if isinstance(t, Token) and t.type == "NOM")
        where = c[-1] if not isinstance(c[-1], Token) else None
        return s.Quantifier(kind, self._name(scope), where, count, _at(m))

    def au_moins(self, m: Meta, c: list[Any]) -> s.Quantifier:
        number = self._number(c[1], _at(m)).value
        if number.denominator != 1:
            raise RefusedError(
                s.Problem("« au moins » demande un nombre entier de personnes.", _at(m), "Écrivez un nombre entier.")
            )
        return self._quantifier(m, "au moins", c, int(number))

    def au_moins_un(self, m: Meta, c: list[Any]) -> s.Quantifier:
        return self._quantifier(m, "au moins", c)

    def aucun(self, m: Meta, c: list[Any]) -> s.Quantifier:
        return self._quantifier(m, "aucun", c)

    def tous(self, m: Meta, c: list[Any]) -> s.Quantifier:
        return self._quantifier(m, "tous", c)

    def nombre_de(self, m: Meta, c: list[Any]) -> s.Quantifier:
        return self._quantifier(m, "nombre", c)

    # --- points
    def signe(self, m: Meta, c: list[Token]) -> Fraction:
        value = self._number(c[-1], _at(m)).value
        return -value if len(c) == 2 else value

    def fixe(self, _: Meta, c: list[Fraction]) -> s.FixedPoints:
        return s.FixedPoints(c[0])

    def points_sans_objet(self, _: Meta, c: list[Token]) -> s.FixedPoints:
        return s.FixedPoints(None)

    def pas(self, m: Meta, c: list[Token]) -> tuple[s.Number, bool]:
        whole = c[-1].type == "ENTIER"
        words = [t for t in c if t.type != "ENTIER"]
        if words[0].type == "QUANTITE":
            return self._number(words[0], _at(m)), whole
        count = self._number(words[0], _at(m)).value if words[0].type == "NOMBRE" else Fraction(1)
        unit = str(words[-1]) if words[-1].type == "NOM" else None
        return s.Number(count, unit, _at(m)), whole

    def mots(self, _: Meta, c: list[Token]) -> str:
        return " ".join(str(t) for t in c)

    def au_plus(self, _: Meta, c: list[Any]) -> tuple[str, Fraction]:
        return "most", c[-1]

    def au_moins_points(self, _: Meta, c: list[Any]) -> tuple[str, Fraction]:
        return "least", c[-1]

    def par_pas(self, m: Meta, c: list[Any]) -> s.StepPoints:
        step, whole = c[2]
        return s.StepPoints(c[0], step, c[4], "", whole, at=_at(m), **dict(c[5:]))

    def par_mots(self, m: Meta, c: list[Any]) -> s.StepPoints:
        return s.StepPoints(c[0], s.Number(Fraction(1)), None, c[2], True, at=_at(m), **dict(c[3:]))

    # --- bands
    def borne(self, m: Meta, c: list[Token]) -> s.Number:
        number = self._number(c[-1], _at(m))
        return s.Number(-number.value, number.unit, number.at) if len(c) == 2 else number

    def _band(self, m: Meta, low: tuple[Any, bool] | None, high: tuple[Any, bool] | None) -> s.BandKey:
        return s.BandKey(s.Bound(*low) if low else None, s.Bound(*high) if high else None, _at(m))

    def jusqu_a(self, m: Meta, c: list[Any]) -> s.BandKey:
        return self._band(m, None, (c[1], True))

    def moins_de(self, m: Meta, c: list[Any]) -> s.BandKey:
        return self._band(m, None, (c[1], False))

    def plus_de(self, m: Meta, c: list[Any]) -> s.BandKey:
        return self._band(m, (c[1], False), None)

    def a_partir_de(self, m: Meta, c: list[Any]) -> s.BandKey:
        return self._band(m, (c[1], True), None)

    def plus_jusqu_a(self, m: Meta, c: list[Any]) -> s.BandKey:
        return self._band(m, (c[1], False), (c[3], True))

    def plus_et_moins(self, m: Meta, c: list[Any]) -> s.BandKey:
        return self._band(m, (c[1], False), (c[4], False))

    def partir_jusqu_a(self, m: Meta, c: list[Any]) -> s.BandKey:
        return self._band(m, (c[1], True), (c[3], True))

    def partir_et_moins(self, m: Meta, c: list[Any]) -> s.BandKey:
        return self._band(m, (c[1], True), (c[4], False))

    def de_a(self, m: Meta, c: list[Any]) -> s.BandKey:
        return self._band(m, (c[1], True), (c[3], True))

    def exactement(self, m: Meta, c: list[Any]) -> s.BandKey:
        return self._band(m, (c[0], True), (c[0], True))

    def __default__(self, data: Any, children: Any, meta: Any) -> Any:
        raise AssertionError(f"rule without a method: {Tree(data, children)}")
