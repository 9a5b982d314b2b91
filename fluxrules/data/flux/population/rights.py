"""Loans and legacy rights of a département, and its programmes as a table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from fluxrules.data.flux.population.dwellings import Parc, days, identifiers, programme_names
from fluxrules.data.flux.population.holders import Bond, Holders
from fluxrules.data.flux.population.plan import Plan
from fluxrules.data.population.laws import Draws, Ints

GUARANTORS = ("dep", "epci", "com")
_NEW_START = 365 * 54  # 2024 counted from 1970


@dataclass(frozen=True)
class Rights:
    """``loans``: the loan of each convention that guarantees one, by its rank; ``reserved``: rights of Action Logement by bailleur."""

    loans: dict[int, str]
    reserved: dict[int, int]
    loans_frame: pl.DataFrame
    rights_frame: pl.DataFrame
    programmes_frame: pl.DataFrame


def draw_rights(plan: Plan, parc: Parc, holders: Holders, draws: Draws) -> Rights:
    """A loan a guarantor, on a programme of its territory; rights of Action Logement on most programmes, rounded down in each."""
    names, sizes = programme_names(plan, parc), np.bincount(parc.programme, minlength=len(parc.holding_of))
    bonds = [(rank, b) for rank, b in enumerate(holders.bonds) if b.kind in GUARANTORS]
    first = _first_programmes(parc, plan)
    places = np.array([first[b.holdings[0]] for _, b in bonds], dtype=np.int64)
    quota = np.where(draws(len(bonds)) < 0.5, 5000, 10000)
    ends = _NEW_START + 365 * (6 + draws.whole(34, len(bonds)))
    loans = {rank: f"PRET-{parc.code}-{n + 1:05}" for n, (rank, _) in enumerate(bonds)}
    loans_frame = pl.DataFrame({
        "id_pret": list(loans.values()),
        "programme": [names[p] for p in places],
        "garant": [b.code for _, b in bonds],
        "quotite_dix_milliemes": quota,
        "montant": sizes[places] * (40_000 + draws.whole(90_000, len(bonds))),
        "date_echeance": days(ends),
        "date_remboursement_total": pl.Series([None] * len(bonds), dtype=pl.Date),
    })  # fmt: skip
    lent = draws(len(names)) < 0.8
    rate = 0.08 + 0.14 * draws(len(plan.size))[parc.holding_of]
    count = np.floor(rate * sizes).astype(np.int64) * lent * (parc.reserved < 0)
    owner = plan.bailleur[parc.holding_of]
    reserved = np.bincount(owner, count, minlength=int(owner.max()) + 1).astype(np.int64)
    kept = np.flatnonzero(count)
    return Rights(
        loans, {b: int(n) for b, n in enumerate(reserved.tolist()) if n},
        loans_frame, _rights_frame(parc, names, kept, count, bonds, places, sizes, loans), pl.DataFrame({
            "programme": names,
            "code_commune": plan.communes["commune"].gather(plan.commune[parc.holding_of]),
            "logements": sizes,
            "date_livraison": days(parc.delivered),
        }),
    )  # fmt: skip


def _rights_frame(
    parc: Parc, names: list[str], kept: Ints, count: Ints, bonds: list[tuple[int, Bond]], places: Ints, sizes: Ints,
    loans: dict[int, str],
) -> pl.DataFrame:  # fmt: skip
    """The list of the bailleur. A guarantor had 20 % of the programme, rounded down (Rouen, 2019)."""
    own = np.maximum(sizes[places] // 5, 1)
    return pl.DataFrame({
        "id_droit": identifiers(f"D{parc.code}-", len(kept) + len(bonds)),
        "reservataire": [f"als-{parc.code}"] * len(kept) + [b.code for _, b in bonds],
        "programme": [names[p] for p in (*kept.tolist(), *places.tolist())],
        "nature_droit": ["DS"] * (len(kept) + len(bonds)),
        "nombre": np.concatenate([count[kept], own]),
        "contrepartie": ["FIN"] * len(kept) + ["GAR"] * len(bonds),
        "id_pret": [None] * len(kept) + list(loans.values()),
        "liste": ["bailleur"] * (len(kept) + len(bonds)),
    })  # fmt: skip


def _first_programmes(parc: Parc, plan: Plan) -> Ints:
    """The first programme of each holding of the plan."""
    first = np.zeros(len(plan.size), dtype=np.int64)
    held, at = np.unique(parc.holding_of, return_index=True)
    first[held] = at
    return first
