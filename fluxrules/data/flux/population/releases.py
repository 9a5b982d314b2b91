"""Dwellings freed in the years of a département, and what each was used for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from fluxrules.data.flux.population.dwellings import Parc, days, identifiers
from fluxrules.data.flux.population.figures import flux_figures
from fluxrules.data.flux.population.plan import RELEASES, FluxRequest
from fluxrules.data.population.laws import Bools, Draws, Floats, Ints

DELIVERY = "LIVRAISON"
USES = ("MUT", "RU", "ORCOD", "LHI", "VENTE")
_WHY = ("mutation interne", "relogement NPNRU", "relogement ORCOD", "habitat indigne", "relogement avant vente")
_NOTICE, _WORKS = 60, 45


@dataclass(frozen=True)
class Releases:
    """In the order of days. ``cause``: a rank of ``causes()``; ``use``: of ``USES``, -1 in the flux; days since 1970, -1 unknown."""

    dwelling: Ints
    day: Ints
    notice: Ints
    ready: Ints
    cause: Ints
    use: Ints
    let: Bools
    """Whether somebody signs a lease for it."""

    def cause_is(self, *names: str) -> Bools:
        found: Bools = np.isin(self.cause, [causes().index(n) for n in names])
        return found


def causes() -> tuple[str, ...]:
    return (*flux_figures().laws["cause"].values, DELIVERY)


def draw_releases(request: FluxRequest, parc: Parc, d: int) -> Releases:
    """A dwelling is freed at most once in two years that follow each other. All deliveries are let, and nothing that was sold is."""
    figures = flux_figures()
    draws = Draws(request.seed, d + 1, RELEASES)
    delivered = parc.delivered[parc.programme]
    mobile = _mobility(parc, draws)
    gone = np.zeros(parc.size, dtype=np.bool_)
    last = np.zeros(parc.size, dtype=np.bool_)
    rows, when, cause = [], [], []
    for year in range(request.year - request.years + 1, request.year + 1):
        start = int(np.datetime64(f"{year}-01-01", "D").astype(np.int64))
        # Those freed the year before stay: the others move as much more, so that the rate of the year is that of the figure.
        open_ = ~last & ~gone & (delivered < 0)
        rate = figures.value("liberation") * mobile * parc.size / max(float((mobile * open_).sum()), 1.0)
        now = np.flatnonzero(open_ & (draws(parc.size) < rate))
        rows.append(now)
        when.append(start + draws.whole(365, len(now)))
        cause.append(figures.laws["cause"].draw(draws(len(now))))
        gone[now] |= np.isin(cause[-1], [causes().index(c) for c in ("VENTE", "DEMOLITION")])
        last[:] = False
        last[now] = True
        new = np.flatnonzero((delivered >= start) & (delivered < start + 365))
        rows.append(new)
        when.append(delivered[new])
        cause.append(np.full(len(new), len(causes()) - 1))
    dwelling, day, why = (np.concatenate(x).astype(np.int64) for x in (rows, when, cause))
    order = np.lexsort((dwelling, day))
    return _settled(parc, draws, dwelling[order], day[order], why[order])


def _mobility(parc: Parc, draws: Draws) -> Floats:
    """From a third to twice the mean, by bailleur and commune (Habitat 77 published 3 % to 14 % within one département)."""
    held, place = np.unique(parc.holding, return_inverse=True)
    own: Floats = np.exp(0.35 * draws.normal(len(held)))[place]
    mean: Floats = own / own.mean()
    return mean


def _settled(parc: Parc, draws: Draws, dwelling: Ints, day: Ints, cause: Ints) -> Releases:
    figures, size = flux_figures(), len(day)
    names = causes()
    first = cause == names.index(DELIVERY)
    sold = np.isin(cause, [names.index("VENTE"), names.index("DEMOLITION")])
    announced = np.isin(cause, [names.index("CONGE"), names.index("MUTATION")])
    stock = parc.reserved[parc.programme[dwelling]] >= 0
    share = sum(figures.share("hors_flux", u) for u in USES)
    # Only what is let is used: the share of all releases is brought to those that may be.
    may_let = ~first & ~sold
    let = first | (
        may_let & (draws(size) < figures.value("relouees") * (size - first.sum()) / max(int(may_let.sum()), 1))
    )
    use = figures.laws["hors_flux"].draw(draws(size))
    fit = let & ~first & ~stock
    outside = fit & (draws(size) < share * (size - first.sum()) / max(int(fit.sum()), 1))
    return Releases(
        dwelling, day, np.where(announced, day - 30 - draws.whole(_NOTICE, size), -1),
        np.where(sold, -1, np.where(first, day, day + draws.whole(_WORKS, size))),
        cause, np.where(outside, use, -1), let,
    )  # fmt: skip


def occupation_of(parc: Parc, releases: Releases, draws: Draws) -> tuple[Ints, Ints]:
    """How each dwelling is occupied after the last year (codes of RPLS 40), and the day it left the parc, -1 if it is there."""
    figures = flux_figures()
    left = np.full(parc.size, -1, dtype=np.int64)
    sold = releases.cause_is("VENTE", "DEMOLITION")
    left[releases.dwelling[sold]] = releases.day[sold]
    empty = np.zeros(parc.size, dtype=np.bool_)
    empty[releases.dwelling] = ~releases.let
    empty &= left < 0
    freed = np.zeros(parc.size, dtype=np.bool_)
    freed[releases.dwelling] = True
    here = int((left < 0).sum())
    offered = draws(parc.size) < figures.value("vacance") * here / max(int(empty.sum()), 1)
    other = draws(parc.size)
    association, odd = figures.value("association"), figures.value("association") + figures.value("autre_occupation")
    found = np.where(empty, np.where(offered, 2, 3), 1)
    found = np.where(~freed & (other < odd), np.where(other < association, 4, 5), found)
    return found.astype(np.int64), left


def releases_frame(parc: Parc, releases: Releases, ids: pl.Series) -> pl.DataFrame:
    """The table « liberations »; ``ids`` are those of the dwellings."""
    used = pl.Series(releases.use)
    used = used.set(used < 0, None)
    return pl.DataFrame({
        "id_liberation": identifiers(f"L{parc.code}-", len(releases.day)),
        "id_logement": ids.gather(releases.dwelling),
        "date_conge": days(releases.notice),
        "date_liberation": days(releases.day),
        "date_disponible": days(releases.ready),
        "cause": pl.Series(causes()).gather(releases.cause),
        "usage_hors_flux": pl.Series(USES).gather(used),
        "motif_hors_flux": pl.Series(_WHY).gather(used),
    })  # fmt: skip
