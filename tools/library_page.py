"""Writes docs/bibliothèque.md from the libraries of criteria. Run it after a change of rulesets/; a test compares."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from fluxrules.cotation.wording import Wording
from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.document.nodes import Scalar
from fluxrules.ir import nodes as n
from fluxrules.model.library import Criterion, all_criteria, library_names
from fluxrules.model.lower import lower_condition
from fluxrules.model.names import Env
from fluxrules.vocabulary.fields import Vocabulary
from fluxrules.vocabulary.load import standard_vocabulary

PAGE = Path(__file__).resolve().parent.parent / "docs" / "bibliothèque.md"
LEGAL = "bibliothèque/priorités-légales"
LOCAL = "bibliothèque/critères-locaux"
HEAD = """\
# La bibliothèque de critères

Page écrite par `tools/library_page.py` d'après `rulesets/`. Une grille nomme la bibliothèque dans `s'appuie sur`, puis donne à chaque
critère un mot et un poids : `DALO: 200` ([langage.md](langage.md)).

## Les quinze priorités de l'article L. 441-1

`s'appuie sur: [bibliothèque/priorités-légales]`. La catégorie est le nom stable, celui de `couvre`. Les lettres sont celles de l'article
telles qu'on a pu les reconstituer ; elles bougent à chaque loi. La confiance dit ce qui a été lu de la loi, la lecture ce que vaut la
condition. « Source secondaire » : une page de ministère, d'agence ou d'association, pas le texte.

La condition paie qui déclare, et qui est reconnu. Le cas certain est plus étroit : une ligne écrite par la grille, et qui dit couvrir la
catégorie, doit payer au moins ces ménages-là.

Les codes de motif sont ceux des formulaires 14069\\*02 et \\*03. Ceux de \\*04 et \\*05 n'ont pas été trouvés.
"""
LOCAL_HEAD = """\
## Les critères locaux courants

`s'appuie sur: [bibliothèque/critères-locaux]`. Aucun n'est une priorité de l'article L. 441-1 : la grille choisit. Un critère « par » donne
ses points à chaque pas entier, avec une limite si l'on veut : `ancienneté par mois: 1, au plus 60`.
"""


def page() -> str:
    """The whole page."""
    words = standard_vocabulary()
    found = all_criteria()
    legal = [c for c in found.values() if c.libraries == (LEGAL,)]
    local = [c for c in found.values() if c.libraries == (LOCAL,)]
    parts = [HEAD]
    parts += [_legal(c, words) for c in legal]
    parts.append(LOCAL_HEAD)
    head = ("critère", "condition, en mots", "pièce", "d'où il vient (confiance)", "à savoir")
    parts.append(_table(head, [_local(c, words) for c in local]))
    others = [name for name in library_names() if name not in (LEGAL, LOCAL)]
    parts.append("## Les socles\n")
    rows = [(f"`{c.libraries[0]}`", f"`{c.name}`", c.label) for c in found.values() if c.libraries[0] in others]
    parts.append(_table(("socle", "critère", "libellé"), rows))
    return "\n".join(parts)


def _legal(c: Criterion, words: Vocabulary) -> str:
    lines = [
        f"### `{c.name}` : {c.label}\n",
        f"- catégorie : `{c.category}` ; {c.article} ({c.confidence})",
        f"- condition : {_aloud(c.condition, words)} ({c.reading})",
    ]
    if c.certain is not None:
        lines.append(f"- cas certain : {_aloud(c.certain, words)}")
    lines.append(f"- pièce : {c.document} ; validé par : {c.validator}")
    lines.append(f"- dans le SNE : {_sne(c, words)}")
    lines.append(f"- à savoir : {c.limit} Relevé le {c.noted}.")
    return "\n".join(lines) + "\n"


def _local(c: Criterion, words: Vocabulary) -> tuple[str, ...]:
    said = f"par {c.step}" if c.step else _aloud(c.condition, words)
    origin = c.article.removeprefix("aucun ; vu : ")
    return f"`{c.name}`", said, c.document or "", f"{origin} ({c.confidence})", c.limit


def _aloud(condition: Scalar | None, words: Vocabulary) -> str:
    """The condition as an explanation says it."""
    assert condition is not None
    env = Env(words, Bag())
    lowered = lower_condition(env, condition, words.principal)
    assert lowered is not None and not env.bag.items, condition.text
    program = n.Program(n.Family(n.Reducer.SUM, ()), tuple(env.known(words.principal).items()))
    return Wording(program, {}, date(2026, 9, 1), words).condition(lowered)


def _sne(c: Criterion, words: Vocabulary) -> str:
    if not c.sne:
        return "aucun champ"
    return " ; ".join(f"`{name}`{' (' + ', '.join(codes) + ')' if codes else ''}" for name, codes in c.sne)


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
