"""The State's part of the flux outside QPV, held against its floor (T6): that of its convention where it writes one, else that of the law.

What is told is how the year went; the law itself is asked of the written shares, by ``flux check``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import polars as pl

from fluxrules.flux.bilan.basis import FLUX, Basis
from fluxrules.flux.bilan.chain import shown
from fluxrules.flux.bilan.objectives import MISSED, NONE, OPEN, REACHED
from fluxrules.flux.bilan.table import Table
from fluxrules.model.flux.values import Convention
from fluxrules.model.flux.versions import terms_at


@dataclass(frozen=True)
class Floor:
    """The least part of the flux outside QPV, and the article that says so."""

    share: Fraction
    source: str


@dataclass(frozen=True)
class Outside:
    """Dwellings of the year outside QPV, the State's among them, and both counts of those of which nobody knows where they are."""

    all: int
    state: int
    unknown: int
    unknown_state: int

    @property
    def part(self) -> Fraction | None:
        return Fraction(self.state, self.all) if self.all else None

    def verdict(self, floor: Floor | None) -> str:
        """« indéterminé » where what is unknown would decide."""
        if floor is None:
            return "plancher non connu"
        if not self.all + self.unknown:
            return NONE
        # At worst the unknown dwellings of others are outside QPV, and the State's inside; at best the reverse.
        worst = self.state - floor.share * (self.all + self.unknown - self.unknown_state)
        best = self.state + self.unknown_state - floor.share * (self.all + self.unknown_state)
        return REACHED if worst >= 0 else MISSED if best < 0 else OPEN


def floors_of(conventions: Sequence[Convention], year: int, law: Floor | None) -> Mapping[str, Floor | None]:
    """By code of the State: what its convention says at the end of the year or on its own last day, else the law."""
    found: dict[str, Floor | None] = {}
    for c in (c for c in conventions if c.reservataire.kind == "état"):
        said = terms_at(c, max(min(date(year, 12, 31), c.last or date.max), c.since)).outside_qpv
        found.setdefault(c.reservataire.code, Floor(said, "sa convention") if said is not None else law)
    return found


def outside_qpv(basis: Basis, codes: Sequence[str], floors: Mapping[str, Floor | None], law: Floor | None) -> Table:
    """One line for each code of the State that had a convention or a dwelling in the year."""
    rows = basis.freed.filter((pl.col("destin") == FLUX) & basis.in_year("date_liberation"))
    held = set(rows["tenu_par"].unique())
    lines = []
    for code in codes:
        if code not in held and code not in floors:
            continue
        mine, unknown = pl.col("tenu_par") == code, pl.col("en_qpv").is_null()
        out = (~pl.col("en_qpv")).fill_null(False)
        counts = rows.select(out.sum(), (out & mine).sum().alias("e"), unknown.sum().alias("i"), (unknown & mine).sum().alias("ei")).row(0)  # fmt: skip
        found, floor = Outside(*counts), floors.get(code, law)
        lines.append((
            basis.names.get(code, code), found.all, found.state, found.unknown, shown(None if found.part is None else found.part * 100),
            shown(None if floor is None else floor.share * 100), found.verdict(floor), floor.source if floor is not None else None,
        ))  # fmt: skip
    schema = {"Réservataire": pl.String, "Logements hors QPV": pl.Int64, "Dont à l'État": pl.Int64, "QPV non renseigné": pl.Int64,
              "Part (%)": pl.Float64, "Plancher (%)": pl.Float64, "Constat": pl.String, "Source du plancher": pl.String}  # fmt: skip
    return Table("T6-etat-hors-qpv", "Part de l'État dans le flux hors QPV", pl.DataFrame(lines, schema=schema, orient="row"),
                 ("Les logements du flux libérés dans l'année, hors QPV, et ceux que l'État a eus. Le constat porte sur l'année ; le droit porte sur les parts "
                  "écrites (« flux check »).", "« Indéterminé » : ce qui n'est pas renseigné déciderait."))  # fmt: skip
