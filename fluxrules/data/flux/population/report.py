"""The synthetic flux set against the figures: counted by département, added up, then compared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce

import numpy as np
import polars as pl

from fluxrules.data.flux.population.dwellings import FUNDING, Parc
from fluxrules.data.flux.population.figures import flux_figures
from fluxrules.data.flux.population.lettings import Lettings, issues
from fluxrules.data.flux.population.plan import FluxRequest
from fluxrules.data.flux.population.releases import USES, Releases
from fluxrules.data.population.laws import Bools, Ints

AGREES, DEPARTS, UNSEEN = "", "ÉCART", "absent"
_POINTS, _PART_OF_SHARE, _PART, _SIGMAS = 0.005, 0.05, 0.02, 4
_SCHEMA = {
    "figure": pl.String, "cible": pl.Float64, "obtenu": pl.Float64, "tolerance": pl.Float64, "verdict": pl.String,
    "statut": pl.String, "sources": pl.String,
}  # fmt: skip
_CEILINGS = {"PLAI": ("PLAI", "PLAIA"), "PLUS": ("PLUS", "HLMO"), "PLS": ("PLS",)}
_ROOMS = {"1": "T1", "2": "T2", "3": "T3", "4": "T4", "5": "T5", "6": "T6 et plus"}


@dataclass(frozen=True)
class Tally:
    """What is counted over what, by figure (« plafonds/PLAI »); a figure that is a number of France is counted over 1."""

    sums: dict[str, tuple[float, float]]

    def __add__(self, other: Tally) -> Tally:
        keys = self.sums.keys() | other.sums.keys()
        none = (0.0, 0.0)
        return Tally({
            k: (self.sums.get(k, none)[0] + other.sums.get(k, none)[0], self.sums.get(k, none)[1] + other.sums.get(k, none)[1])
            for k in keys
        })  # fmt: skip


def tally(
    request: FluxRequest, parc: Parc, releases: Releases, lettings: Lettings, occupation: Ints, left: Ints,
    holder_kind: list[str], bonds: int, faulty: int,
) -> Tally:  # fmt: skip
    """The counts of a département. ``holder_kind``: of each code, its share of the figure « reservataire »."""
    here = left < 0
    size, row = int(here.sum()), parc.programme[here]
    sums: dict[str, tuple[float, float]] = {
        "nb_logements": (size, 0), "conventions": (bonds, 0), "irregularite": (faulty, bonds),
        "collectif": (int((~parc.individual[row]).sum()), size), "qpv": (int((parc.qpv_2024[row] >= 0).sum()), size),
        "vacance": (int((occupation[here] == 2).sum()), size),
    }  # fmt: skip
    for key, codes in _CEILINGS.items():
        held = np.isin(parc.funding[here], [FUNDING.index(c) for c in codes])
        sums[f"plafonds/{key}"] = (int(held.sum()), size)
    for rank, key in enumerate(flux_figures().laws["type_logement"].values):
        sums[f"type_logement/{key}"] = (int((parc.typologie[here] == rank).sum()), size)
    first = releases.cause_is("LIVRAISON")
    ordinary = int((~first).sum())
    for name in ("liberation", "mobilite"):
        sums[name] = (ordinary, parc.size * request.years)
    for rank, use in enumerate(USES):
        sums[f"hors_flux/{use}"] = (int((releases.use == rank).sum()), ordinary)
    leases = lettings.leases
    signed = int(leases.sum())
    sums["baux"] = (signed / request.years, 0)
    sums["offre_rotation"] = (int((~first[lettings.release[leases]]).sum()), signed)
    for rank, name in enumerate(issues()):
        sums[f"issue/{name}"] = (int((lettings.issue == rank).sum()), len(lettings.issue))
    sums["demandes_examinees"] = (_mode(lettings.examined), 0)
    sums |= _of_publics(parc, releases, lettings, leases, holder_kind)
    return Tally(sums)


def _of_publics(
    parc: Parc, releases: Releases, lettings: Lettings, leases: Bools, holder_kind: list[str]
) -> dict[str, tuple[float, float]]:
    signed = int(leases.sum())
    in_qpv = parc.qpv_2024[parc.programme[releases.dwelling[lettings.release]]] >= 0
    poor, out = lettings.publics["premier_quartile"], leases & ~in_qpv
    kinds = np.array(holder_kind)[lettings.holder[leases]]
    agents = lettings.publics["agent_etat"][leases] & (kinds == "etat")
    sums: dict[str, tuple[float, float]] = {
        "dalo": (int((lettings.publics["dalo"] & leases).sum()), signed),
        "premier_quartile_hors_qpv": (int((poor & out).sum()), int(out.sum())),
        "premier_quartile_qpv": (int((poor & leases & in_qpv).sum()), int((leases & in_qpv).sum())),
        "reservataire/prioritaires": (int(((kinds == "etat") & ~agents).sum()), signed),
        "reservataire/agents": (int(agents.sum()), signed),
    }
    return sums | {
        f"reservataire/{k}": (int((kinds == k).sum()), signed) for k in ("employeurs", "collectivites", "bailleur")
    }


def _mode(examined: Ints) -> float:
    """The most frequent number, as a weight that adds up: three candidates everywhere gives 3."""
    return float(np.bincount(examined).argmax()) if len(examined) else 0.0


def compare(request: FluxRequest, tallies: Iterable[Tally]) -> pl.DataFrame:
    """Target against obtained. Numbers of France are brought to the size of the parc that was asked for."""
    found = list(tallies)
    total, scale = reduce(Tally.__add__, found), request.parc / flux_figures().value("nb_logements")
    lines = []
    for name, (count, over) in sorted(total.sums.items()):
        figure, _, key = name.partition("/")
        known = flux_figures().figures[figure]
        aim = known.values[key] if key else known.value
        obtained: float | None
        if figure in ("nb_logements", "baux"):
            aim, obtained, chance = aim * scale, count, float(np.sqrt(count))
        elif figure == "conventions":
            aim, obtained, chance = float(request.wanted), count, 0.0
        elif figure == "demandes_examinees":
            obtained, chance = count / len(found), 0.0
        else:
            obtained = count / over if over else None
            chance = float(np.sqrt(aim * (1 - aim) / over)) if over else 0.0
        own = _PART * aim if aim > 1 else min(_POINTS, _PART_OF_SHARE * aim)
        if known.tolerance is not None:
            own = known.tolerance * aim if aim > 1 else known.tolerance
        tolerance = own + _SIGMAS * chance
        verdict = UNSEEN if obtained is None else AGREES if abs(obtained - aim) <= tolerance else DEPARTS
        lines.append((_label(figure, key), aim, obtained, tolerance, verdict, known.status, " ".join(known.sources)))
    order = {"publié": 0, "calculé": 1, "hypothèse": 2}
    return pl.DataFrame(lines, schema=_SCHEMA, orient="row").sort(
        pl.col("statut").replace_strict(order), maintain_order=True
    )


_LABELS = {
    "nb_logements": "logements du parc", "conventions": "conventions", "irregularite": "conventions irrégulières, exprès",
    "collectif": "logements collectifs", "qpv": "logements en QPV", "vacance": "logements vacants proposés", "plafonds": "plafond",
    "type_logement": "typologie", "liberation": "libérations d'une année / parc", "mobilite": "mobilité, hors mises en service (2018)",
    "hors_flux": "libérations hors flux", "baux": "baux d'une année", "offre_rotation": "part de la rotation dans les baux",
    "issue": "suite d'une proposition", "demandes_examinees": "demandes examinées, cas fréquent", "dalo": "baux de ménages DALO",
    "premier_quartile_hors_qpv": "premier quartile, hors QPV", "premier_quartile_qpv": "premier quartile, en QPV",
    "reservataire": "baux par réservataire",
}  # fmt: skip


def _label(figure: str, key: str) -> str:
    return f"{_LABELS[figure]} : {_ROOMS.get(key, key)}" if key else _LABELS[figure]
