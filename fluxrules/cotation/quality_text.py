"""The quality report as French text and as tables; counts from 1 to 9 are hidden where the report is public."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import polars as pl

from fluxrules.cotation.quality import TerritoryQuality
from fluxrules.language.numbers import show_number
from fluxrules.vocabulary.fields import Vocabulary
from fluxrules.vocabulary.territoires import nom_territoire

LEAST_SHOWN = 10
MOST_LINES = 12


@dataclass(frozen=True)
class Shown:
    """How counts are shown. ``public``: a count from 1 to 9 becomes « < 10 », and what is said of these demandes is left out; so does
    a count that leaves 1 to 9 of the whole. ``plain``: without spaces between thousands, for tables."""

    public: bool
    plain: bool = False

    def hides(self, count: int, whole: int | None = None) -> bool:
        return self.public and (0 < count < LEAST_SHOWN or (whole is not None and 0 < whole - count < LEAST_SHOWN))

    def count(self, count: int, whole: int | None = None) -> str:
        if not self.hides(count, whole):
            return self.number(Fraction(count))
        return f"< {LEAST_SHOWN}" if count < LEAST_SHOWN else "presque toutes"

    def points(self, points: Fraction, count: int, whole: int) -> str:
        return "" if self.hides(count, whole) else self.number(points)

    def share(self, count: int, whole: int) -> str:
        return "" if self.hides(count, whole) or not whole else f"{self.number(Fraction(round(100 * count / whole)))} %"

    def number(self, value: Fraction) -> str:
        written = show_number(value)
        return "".join(written.split()) if self.plain else written


def totals(values: Mapping[str, int], shown: Shown) -> dict[str, str]:
    """Counts of which the first is the sum of the others; it is rounded where it would tell a hidden one."""
    (first, whole), *parts = values.items()
    told = any(shown.hides(v) for _, v in parts)
    head = f"environ {shown.number(Fraction(round(whole, -1)))}" if told else shown.count(whole)
    return {first: head} | {k: shown.count(v) for k, v in parts}


def name_of(name: str, vocabulary: Vocabulary) -> str:
    """A name of « manque » as an officer calls it."""
    kind, _, rest = name.partition(":")
    if kind == "pièce":
        return f"pièce « {rest} »"
    if kind == "barème":
        return f"barème « {vocabulary.tables[rest].label} »"
    entity, _, field = name.rpartition(".")
    f = vocabulary.field_def(entity or vocabulary.principal, field)
    if f is not None:
        return f.label + (f" ({vocabulary.entities[entity].label})" if entity else "")
    table = next((e for e in vocabulary.entities.values() if e.table == name), None)
    return f"liste : {table.label}" if table else name


def place_of(q: TerritoryQuality) -> str:
    return (nom_territoire(q.territory) or q.territory) if q.territory else "toutes les demandes"


def text(q: TerritoryQuality, vocabulary: Vocabulary, shown: Shown) -> str:
    """One territory in a page."""
    where = place_of(q)
    out = [f"Territoire : {where} — grille « {q.grid.header.name} »", f"  demandes : {shown.count(q.demandes)}"]
    if shown.hides(q.demandes):
        return "\n".join([*out, f"  Moins de {LEAST_SHOWN} demandes : le détail n'est pas montré."])
    mean = q.spread / q.demandes if q.demandes else Fraction(0)
    out.append(
        f"  dont la note peut encore changer : {shown.count(q.open, q.demandes)} {_brackets(shown.share(q.open, q.demandes))}"
    )
    out.append(f"  écart entre note la plus basse et la plus haute : {_one(mean)} point(s) en moyenne")
    out.append("  Ce qui manque, par points en jeu (avant plafonds) :")
    out += [
        f"    {name_of(f.name, vocabulary)} : inconnu pour {shown.count(f.unknown, q.demandes)} {_brackets(shown.share(f.unknown, q.demandes))}, "
        f"laisse une ligne en suspens pour {shown.count(f.pending, q.demandes)}"
        + (f", {p} point(s) en jeu" if (p := shown.points(f.points, f.pending, q.demandes)) else "")
        for f in q.fields[:MOST_LINES]
    ] or ["    rien"]
    if len(q.fields) > MOST_LINES:
        out.append(f"    … et {len(q.fields) - MOST_LINES} autre(s) champ(s)")
    out.append("  Lignes comptées sans pièce vérifiée :")
    out += [
        f"    {e.line} (pièce : {e.document}) : {shown.count(e.demandes, q.demandes)} demande(s)"
        + (f", {p} point(s)" if (p := shown.points(e.points, e.demandes, q.demandes)) else "")
        for e in q.evidence
    ] or ["    aucune"]
    out.append("  Incohérences :")
    out += [f"    {i.check.label} : {shown.count(i.found, q.demandes)}" for i in q.incoherences if i.found] or [
        "    aucune trouvée"
    ]
    return "\n".join(out)


def _brackets(share: str) -> str:
    return f"({share})" if share else ""


def _one(value: Fraction) -> str:
    return show_number(Fraction(round(value * 10), 10))


def frames(all_: Sequence[TerritoryQuality], vocabulary: Vocabulary, shown: Shown) -> dict[str, pl.DataFrame]:
    """``champs``, ``pieces`` and ``incoherences``: one row a territory and thing; counts are text, as shown."""
    shown = replace(shown, plain=True)
    visible = [q for q in all_ if not shown.hides(q.demandes)]

    def place(q: TerritoryQuality) -> tuple[str, str]:
        return q.territory or "", q.grid.header.name

    head = ["territoire", "grille"]
    tables: dict[str, tuple[list[str], list[tuple[str, ...]]]] = {
        "champs": ([*head, "champ", "libelle", "inconnus", "part", "en_suspens", "points_en_jeu"],
                   [(*place(q), f.name, name_of(f.name, vocabulary), shown.count(f.unknown, q.demandes), shown.share(f.unknown, q.demandes),
                     shown.count(f.pending, q.demandes), shown.points(f.points, f.pending, q.demandes)) for q in visible for f in q.fields]),
        "pieces": ([*head, "ligne", "piece", "demandes", "points"],
                   [(*place(q), e.line, e.document, shown.count(e.demandes, q.demandes), shown.points(e.points, e.demandes, q.demandes))
                    for q in visible for e in q.evidence]),
        "incoherences": ([*head, "controle", "libelle", "source", "trouvees", "indecidables"],
                         [(*place(q), i.check.name, i.check.label, i.check.source, shown.count(i.found, q.demandes), shown.count(i.undecided, q.demandes))
                          for q in visible for i in q.incoherences]),
    }  # fmt: skip
    return {
        name: pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String()), orient="row")
        for name, (columns, rows) in tables.items()
    }
