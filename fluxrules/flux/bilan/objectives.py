"""The objectives of attribution, each with its own numerator, its own denominator and who answers for it; never put together.

Two of them are 25 % and have nothing else in common: first quartile among leases signed out of QPV, DALO and priority publics on a contingent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

import polars as pl

from fluxrules.flux.bilan.basis import PARTY, Basis
from fluxrules.flux.bilan.chain import shown
from fluxrules.flux.bilan.masks import small
from fluxrules.flux.bilan.publics import MASKED
from fluxrules.flux.bilan.table import TOTAL, Table
from fluxrules.flux.parties import BAILLEUR
from fluxrules.flux.territory import territory_of
from fluxrules.language.numbers import show_number
from fluxrules.model.flux.orientations import Orientations
from fluxrules.model.flux.values import Objective
from fluxrules.vocabulary.territoires import nom_territoire

REACHED, MISSED, OPEN, NONE = "atteint", "non atteint", "indéterminé", "sans objet"
LOCAL = ("COM", "EPCI", "DEP", "REG")
_QUARTER, _HALF = Fraction(1, 4), Fraction(1, 2)


@dataclass(frozen=True)
class Held:
    """One objective on one denominator. ``unknown``: those of the denominator whose public is not known; ``aside``: persons left out of it."""

    rule: str
    objective: str
    on: str
    rate: Fraction | None
    base: str
    total: int
    reached: int
    unknown: int
    number: int | None = None
    source: str = ""
    aside: int = 0

    @property
    def needed(self) -> int:
        return self.number if self.number is not None else ceil((self.rate or 0) * self.total)

    @property
    def verdict(self) -> str:
        if self.number is None and self.total == 0:
            return NONE
        if self.reached >= self.needed:
            return REACHED
        return OPEN if self.reached + self.unknown >= self.needed else MISSED

    @property
    def missing(self) -> int:
        return max(0, self.needed - self.reached)

    @property
    def few(self) -> bool:
        """Whether a number of persons is small: of the public, out of it, unknown, or left aside."""
        return small(self.aside) or any(
            small(n) for n in (self.reached, self.unknown, self.total - self.reached - self.unknown)
        )


def objectives(basis: Basis, orientations: Sequence[Orientations]) -> tuple[Held, ...]:
    signed, granted = _cases(basis.leases), _cases(basis.granted)
    return (
        *_quartiles(signed, orientations),
        *_contingents(basis, granted),
        *_essential(granted, orientations),
        *_numbers(basis, signed, orientations),
    )


def thresholds(orientations: Sequence[Orientations], year: int) -> tuple[str, ...]:
    """The first quartile of the year, as the order and the orientations give it: never worked out here."""
    return tuple(
        f"Seuil du premier quartile {year}, {nom_territoire(o.territory) or o.territory} : {show_number(o.first_quartile[year], 2)} € par an (« {o.name} »)."
        for o in orientations
        if year in o.first_quartile
    )


def table(held: Sequence[Held], elsewhere: Set[tuple[str, str]] = frozenset(), told: Sequence[str] = ()) -> Table:
    """``elsewhere``: the (public, réservataire) that another table hides. ``told``: notes on the year."""
    lines = [
        _line(h, h.few or ("DALO ou prioritaires", h.on) in elsewhere or (h.objective, TOTAL) in elsewhere)
        for h in held
    ]
    schema = {"Règle": pl.String, "Objectif": pl.String, "Qui ou où": pl.String, "Taux (%)": pl.Float64, "Dénominateur": pl.String,
              "Logements du dénominateur": pl.Int64, "À atteindre": pl.Int64, "Atteints": pl.Int64, "Public non renseigné": pl.Int64,
              "Constat": pl.String, "Manquants": pl.Int64, "Masqué": pl.String, "Source": pl.String}  # fmt: skip
    notes = (MASKED, "« À atteindre » : le taux du dénominateur, arrondi à l'entier du dessus. Chaque objectif a son dénominateur : ils ne s'additionnent pas.",
             "« Indéterminé » : ce qui n'est pas renseigné déciderait.", *told)  # fmt: skip
    return Table(
        "T7-objectifs", "Objectifs d'attribution", pl.DataFrame(lines, schema=schema, orient="row"), notes, masked=True
    )


def _line(h: Held, masked: bool) -> tuple[object, ...]:
    """The verdict is due whatever the numbers, but of a few persons: there it would tell how many are of the public."""
    base = masked and small(h.aside)
    verdict = "masqué" if masked and small(h.total) and h.verdict != NONE else h.verdict
    missing = None if base or (masked and h.verdict != REACHED) or verdict == "masqué" else h.missing
    numbers = (
        None if base else h.total,
        None if base else h.needed,
        None if masked else h.reached,
        None if masked else h.unknown,
    )
    return (h.rule, h.objective, h.on, None if h.rate is None else shown(h.rate * 100), h.base, *numbers, verdict, missing,
            "oui" if masked else "non", h.source)  # fmt: skip


@dataclass(frozen=True)
class _Case:
    """One household housed: where, on whose contingent, and of which publics (``None``: not known)."""

    epci: str | None
    in_qpv: bool | None
    holder: str | None
    quartile: bool | None
    rehoused: bool | None
    urgent: bool | None
    essential: bool | None
    agent: bool | None

    @property
    def quartile_or_rehoused(self) -> bool | None:
        return True if self.quartile or self.rehoused else None if None in (self.quartile, self.rehoused) else False

    @property
    def others(self) -> bool | None:
        return None if self.quartile is None else not self.quartile


def _cases(rows: pl.DataFrame) -> list[_Case]:
    found = rows.select(
        "Code commune", "en_qpv", PARTY, "premier_quartile", "relogement_ru", pl.col("dalo") | pl.col("prioritaire"), "travailleur_essentiel",
        "agent_etat",
    )  # fmt: skip
    return [_Case(territory_of(code), *values) for code, *values in found.iter_rows()]


def _counts(publics: Iterable[bool | None]) -> tuple[int, int, int]:
    """How many, how many of the public, of how many it is not known."""
    told = list(publics)
    return len(told), sum(p is True for p in told), sum(p is None for p in told)


def _quartiles(rows: Sequence[_Case], orientations: Sequence[Orientations]) -> Iterator[Held]:
    """By EPCI, on leases signed in the year, in and out of QPV apart. Another rate may be fixed by the CIL and the CIA."""
    fixed = {o.territory: o for o in orientations}
    places = sorted({c.epci for c in rows if c.epci is not None})
    for siren in places:
        own = [c.quartile_or_rehoused for c in rows if c.epci == siren and c.in_qpv is False]
        yield _quartile("ATTR-25-HQPV", "premier quartile, ou relogement de renouvellement urbain", siren, "hors QPV", _QUARTER,
                        _written(fixed.get(siren), "premier quartile", "hors QPV"), own)  # fmt: skip
    for siren in places:
        own = [c.others for c in rows if c.epci == siren and c.in_qpv]
        yield _quartile("ATTR-50-QPV", "trois autres quartiles", siren, "en QPV", _HALF,
                        _written(fixed.get(siren), "trois autres quartiles", "QPV"), own)  # fmt: skip


def _quartile(
    rule: str, what: str, siren: str, where: str, rate: Fraction, written: Objective | None, publics: Iterable[bool | None]
) -> Held:  # fmt: skip
    return Held(rule, what, nom_territoire(siren) or siren, written.rate if written and written.rate else rate, f"baux signés {where}",
                *_counts(publics), source=(written.source if written and written.source else "CCH L. 441-1"))  # fmt: skip


def _contingents(basis: Basis, rows: Sequence[_Case]) -> Iterator[Held]:
    """DALO, failing that priority publics, on what each contingent attributed in the year."""
    for code in sorted({c.holder for c in rows if c.holder is not None}):
        own, kind, name = [c for c in rows if c.holder == code], basis.kinds.get(code), basis.names.get(code, code)
        urgent, contingent = _counts(c.urgent for c in own), "attributions de son contingent"
        if code == BAILLEUR:
            yield Held("ATTR-25-BAILLEUR", "DALO et prioritaires", name, _QUARTER, "attributions non réservées", *urgent, source="CCH L. 441-1")  # fmt: skip
        elif kind == "ETAT":
            rest = [c.urgent for c in own if c.agent is not True]
            yield Held("ATTR-PREF-100", "DALO et prioritaires", name, Fraction(1), "contingent, agents exceptés", *_counts(rest), source="CCH L. 441-1", aside=len(own) - len(rest))  # fmt: skip
        elif kind in LOCAL:
            yield Held("ATTR-25-COLL", "DALO et prioritaires", name, _QUARTER, contingent, *urgent, source="CCH L. 441-1")  # fmt: skip
        elif kind == "ALS":
            yield Held("ATTR-25-AL", "DALO et prioritaires", name, _QUARTER, contingent, *urgent, source="CCH L. 313-26-2")  # fmt: skip


def _essential(rows: Sequence[_Case], orientations: Sequence[Orientations]) -> Iterator[Held]:
    """No rate is in the law: only what a CIA fixed."""
    for o in orientations:
        if o.essential is not None:
            own = (c.essential for c in rows if c.epci == o.territory)
            yield Held("ATTR-ESSENTIAL", "travailleurs essentiels", nom_territoire(o.territory) or o.territory, o.essential,
                       "attributions sur le territoire", *_counts(own), source="CIA (CCH L. 441-1)")  # fmt: skip


def _numbers(basis: Basis, rows: Sequence[_Case], orientations: Sequence[Orientations]) -> Iterator[Held]:
    """The engagements in dwellings of the CIA on the first quartile, for this bailleur."""
    bailleur = basis.year.bailleur
    for o in orientations:
        for item in o.objectives:
            if item.number is None or item.bailleur != bailleur.code or item.public != "premier quartile":
                continue
            inside = {"partout": (True, False, None), "QPV": (True,)}.get(item.where, (False,))
            own = (c.quartile for c in rows if c.epci == o.territory and c.in_qpv in inside)
            yield Held("ATTR-CIA", f"{item.public} ({item.where})", bailleur.name, None, f"baux signés, {nom_territoire(o.territory) or o.territory}",
                       *_counts(own), number=item.number, source=item.source or o.name)  # fmt: skip


def _written(orientations: Orientations | None, public: str, where: str) -> Objective | None:
    """An objective for everyone: one of a single bailleur is in numbers, and apart."""
    found = orientations.objectives if orientations is not None else ()
    return next(
        (o for o in found if o.public == public and o.where == where and o.rate is not None and o.bailleur is None),
        None,
    )
