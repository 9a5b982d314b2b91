"""Designations, commissions and leases of the dwellings that are let, and whom each réservataire designated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from fluxrules.data.flux.population.dwellings import FUNDING, Parc, days, identifiers
from fluxrules.data.flux.population.figures import flux_figures
from fluxrules.data.flux.population.plan import LETTINGS, FluxRequest
from fluxrules.data.flux.population.releases import USES, Releases
from fluxrules.data.population.laws import Bools, Draws, Ints, Law

EXCEPTIONS = ("INSUFFISANCE", "DALO_PREFET", "PLAI_ADAPTE")
PROOFS = ("recherche dans le fichier partagé", "courrier du préfet", "convention APL")
DECISIONS = ("ATTR", "ATTR_COND", "NON_ATTR")
MOST = 5
"""Candidates that are tried for a dwelling, at most."""
_RETRY = 25


@dataclass(frozen=True)
class Lettings:
    """One row a designation. ``holder``: a rank of the codes given; ``issue``: of the law of issues; ``exception``: -1 without."""

    release: Ints
    holder: Ints
    designated: Ints
    decided: Ints
    signed: Ints
    issue: Ints
    decision: Ints
    examined: Ints
    exception: Ints
    publics: dict[str, Bools]

    @property
    def leases(self) -> Bools:
        found: Bools = self.signed >= 0
        return found


def issues() -> tuple[str, ...]:
    return flux_figures().laws["issue"].values


def draw_lettings(
    request: FluxRequest, parc: Parc, releases: Releases, d: int, codes: list[str], local: Ints
) -> Lettings:
    """``codes``: of réservataires; ``local``: for each holding of the plan, the rank of the collectivité that designates, -1 without."""
    figures, draws = flux_figures(), Draws(request.seed, d + 1, LETTINGS)
    let = np.flatnonzero(releases.let)
    law, accepted = figures.laws["issue"], issues().index("BAIL")
    # So many candidates before one signs: each of them accepts with the same chance.
    chance = np.log(1 - law.shares[0, accepted])
    tries = np.clip(1 + np.floor(np.log(1 - draws(len(let))) / chance), 1, MOST).astype(np.int64)
    release = np.repeat(let, tries)
    turn = np.arange(len(release)) - np.repeat(tries.cumsum() - tries, tries)
    size = len(release)
    others = Law.of(law.values, np.where(np.arange(len(law.values)) == accepted, 0.0, law.shares[0]))
    last = turn == np.repeat(tries, tries) - 1
    waiting = issues().index("EN_COURS")
    issue = np.where(last, accepted, others.draw(draws(size)))
    issue = np.where(~last & (issue == waiting), issues().index("REFUS"), issue)
    in_progress = np.repeat(draws(len(let)) < figures.share("issue", "EN_COURS") * size / max(len(let), 1), tries)
    issue = np.where(last & in_progress, waiting, issue)

    known = np.where(releases.notice >= 0, releases.notice, releases.day)[release]
    designated = known + 3 + np.repeat(draws.whole(25, len(let)), tries) + _RETRY * turn
    decided = designated + 5 + draws.whole(16, size)
    signed = np.where(issue == accepted, np.maximum(decided + 4 + draws.whole(20, size), releases.ready[release]), -1)

    kinds = figures.laws["reservataire"]
    within = parc.holding[releases.dwelling[let]]
    kind = np.repeat(
        _inside(kinds, releases.use[let] < 0, local[within] >= 0).draw(
            draws(len(let)), (local[within] >= 0).astype(np.int64)
        ),
        tries,
    )
    holding = parc.holding[releases.dwelling[release]]
    code = _holder(parc, releases, release, kinds, kind, codes, local[holding])
    decision = np.where(issue == issues().index("NON_ATTR"), 2, (draws(size) < 0.04).astype(np.int64))
    publics = _publics(parc, releases, release, code, codes, kind == kinds.rank("agents"), draws)
    exception = _exceptions(parc, releases, release, code == codes.index("etat-" + parc.code), publics["dalo"], draws)
    examined = np.where(exception >= 0, 1 + (exception == 0), 3 + (draws(size) < 0.12))
    return Lettings(
        release, code, designated, decided, signed, issue, decision, examined.astype(np.int64), exception, publics
    )


def _inside(kinds: Law, flux: Bools, covered: Bools) -> Law:
    """The law of réservataires among dwellings of the flux, without and with a collectivité: what the figure says of all leases must be
    reached on these alone.
    """
    bailleur, local = kinds.rank("bailleur"), kinds.rank("collectivites")
    shares = kinds.shares[0] * len(flux) / max(int(flux.sum()), 1)
    both = np.stack([shares, shares])
    both[0, local] = 0.0
    both[1, local] = kinds.shares[0, local] * len(flux) / max(int((flux & covered).sum()), 1)
    both[:, bailleur] = 0.0
    both[:, bailleur] = np.maximum(1 - both.sum(axis=1), 0.0)
    return Law.of(kinds.values, both)


def _holder(
    parc: Parc, releases: Releases, release: Ints, kinds: Law, kind: Ints, codes: list[str], local: Ints
) -> Ints:
    """The réservataire who designates: the bailleur itself for whatever is used outside the flux, or where nobody has a right."""
    own, state, als = codes.index("bailleur"), codes.index(f"etat-{parc.code}"), codes.index(f"als-{parc.code}")
    found = np.full(len(kind), own)
    found = np.where((kind == kinds.rank("prioritaires")) | (kind == kinds.rank("agents")), state, found)
    found = np.where(kind == kinds.rank("employeurs"), als, found)
    found = np.where((kind == kinds.rank("collectivites")) & (local >= 0), local, found)
    found = np.where(releases.use[release] >= 0, own, found)
    service = parc.reserved[parc.programme[releases.dwelling[release]]]
    first = next((i for i, c in enumerate(codes) if c.startswith("gendarmerie-")), 0)
    return np.where(service >= 0, first + service, found).astype(np.int64)


def _publics(
    parc: Parc, releases: Releases, release: Ints, code: Ints, codes: list[str], agents: Bools, draws: Draws
) -> dict[str, Bools]:
    figures, size = flux_figures(), len(release)
    state = code == codes.index("etat-" + parc.code)
    exempt = parc.reserved[parc.programme[releases.dwelling[release]]] >= 0
    agent = (state & agents) | exempt
    first = np.where(state, figures.share("prioritaire", "etat"), figures.share("prioritaire", "autres"))
    priority = ~agent & (draws(size) < first)
    dalo = priority & (draws(size) < figures.value("dalo") * size / max(int(priority.sum()), 1))
    use = releases.use[release]
    in_qpv = parc.qpv_2024[parc.programme[releases.dwelling[release]]] >= 0
    poor = np.where(in_qpv, figures.value("premier_quartile_qpv"), figures.value("premier_quartile_hors_qpv"))
    return {
        "dalo": dalo, "prioritaire": priority, "premier_quartile": draws(size) < poor, "relogement_ru": use == USES.index("RU"),
        "agent_etat": agent, "salarie": (code == codes.index("als-" + parc.code)) | (draws(size) < 0.3),
        "travailleur_essentiel": draws(size) < figures.value("travailleur_essentiel"),
    }  # fmt: skip


def _exceptions(parc: Parc, releases: Releases, release: Ints, state: Bools, dalo: Bools, draws: Draws) -> Ints:
    """Why fewer than three demandes were examined, where it is so (CCH R. 441-3)."""
    adapted = parc.funding[releases.dwelling[release]] == FUNDING.index("PLAIA")
    few = draws(len(release)) < flux_figures().value("exception")
    found = np.where(adapted, 2, np.where(few & state & dalo, 1, np.where(few, 0, -1)))
    return found.astype(np.int64)


def lettings_frame(parc: Parc, lettings: Lettings, releases: pl.Series, codes: list[str]) -> pl.DataFrame:
    """The table « attributions »; ``releases`` are the identifiers of libérations. No numéro unique: nobody was housed."""
    odd = pl.Series(lettings.exception)
    odd = odd.set(odd < 0, None)
    pending = pl.Series(lettings.issue == issues().index("EN_COURS"))
    refused = pl.Series(lettings.decision == 2)
    said = pl.Series(issues()).gather(lettings.issue)
    return pl.DataFrame({
        "id_attribution": identifiers(f"A{parc.code}-", len(lettings.release)),
        "id_liberation": releases.gather(lettings.release),
        "reservataire": pl.Series(codes).gather(lettings.holder),
        "date_designation": days(lettings.designated),
        "date_commission": days(lettings.decided).set(pending, None),
        "demandes_examinees": lettings.examined,
        "exception_caleol": pl.Series(EXCEPTIONS).gather(odd),
        "preuve_exception": pl.Series(PROOFS).gather(odd),
        "decision": pl.Series(DECISIONS).gather(lettings.decision).set(pending, None),
        "issue": said.set(refused, None),
        "date_bail": days(lettings.signed),
        **lettings.publics,
        "date_radiation": days(np.where(lettings.signed >= 0, lettings.signed + 2, -1)),
    })  # fmt: skip
