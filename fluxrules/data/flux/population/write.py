"""A synthetic France of flux, one folder a département: documents in the language and tables in Parquet."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import polars as pl

from fluxrules.data.flux.population.documents import conventions_of
from fluxrules.data.flux.population.dwellings import draw_parc, dwellings_frame
from fluxrules.data.flux.population.holders import Holders, holders_of
from fluxrules.data.flux.population.lettings import draw_lettings, lettings_frame
from fluxrules.data.flux.population.plan import YEARS, FluxRequest, plan_of
from fluxrules.data.flux.population.releases import draw_releases, occupation_of, releases_frame
from fluxrules.data.flux.population.report import Tally, compare, tally
from fluxrules.data.flux.population.rights import draw_rights
from fluxrules.data.flux.population.years import fluxes_of, orientations_of
from fluxrules.data.population.laws import Draws
from fluxrules.data.workers import in_processes
from fluxrules.data.write import write_json, write_table

WATERMARK = (
    "Données synthétiques : bailleurs, logements, conventions et attributions inventés à partir de chiffres publiés et d'hypothèses. "
    "Seuls les noms et les codes des territoires sont vrais ; rien ici ne décrit leur parc, ni leurs conventions."
)
FAULTS = "irregularites"
_KINDS = {"etat": "etat", "als": "employeurs", "dep": "collectivites", "epci": "collectivites", "com": "collectivites"}
Broken = list[tuple[str, str, str, str]]


def write_flux_population(
    request: FluxRequest, folder: Path, *, processes: int = 1, progress: Callable[[int, int], None] = lambda done, all: None
) -> pl.DataFrame:  # fmt: skip
    """Writes everything in a folder that exists; gives what ``conformite.csv`` says. ``progress`` is told of départements.

    The same arguments give the same bytes, whatever the number of processes. Memory is that of one département a process.
    """
    active = plan_of(request).active.tolist()
    found: dict[int, tuple[Tally, Broken]] = {}
    for number, done in in_processes(partial(_write_departement, request, folder), len(active), processes):
        found[number] = done
        progress(len(found), len(active))
    ordered = [found[n] for n in sorted(found)]
    compared = compare(request, (counted for counted, _ in ordered))
    write_table(compared, folder, "conformite", "csv")
    broken = [row for _, rows in ordered for row in rows]
    schema = dict.fromkeys(("departement", "fichier", "regle", "ce_qui_est_faux"), pl.String)
    write_table(pl.DataFrame(broken, schema=schema, orient="row"), folder, FAULTS, "csv")
    write_json(
        {
            "mention": WATERMARK,
            "bailleurs": request.bailleurs,
            "logements": request.parc,
            "graine": request.seed,
            "années": list(range(request.year - request.years + 1, request.year + 1)),
            "départements": [plan_of(request).departements[d] for d in active],
            "SIREN": "Ceux des bailleurs, 900000001 et suivants, sont inventés.",
            "irrégularités": f"{FAULTS}.csv : les conventions écrites exprès contre une règle. Les autres sont faites pour être régulières.",
            "comparaison": "conformite.csv : les chiffres publiés et les hypothèses, et ce que ces données donnent.",
        },
        folder / "LISEZMOI.json",
    )
    return compared


def _write_departement(request: FluxRequest, folder: Path, number: int) -> tuple[Tally, Broken]:
    plan = plan_of(request)
    d = int(plan.active[number])
    parc = draw_parc(request, plan, d)
    holders = holders_of(request, plan, parc, d)
    releases = draw_releases(request, parc, d)
    lettings = draw_lettings(request, parc, releases, d, list(holders.codes), holders.local)
    draws = Draws(request.seed, d + 1, YEARS)
    occupation, left = occupation_of(parc, releases, draws)
    rights = draw_rights(plan, parc, holders, draws)
    texts, broken = conventions_of(request, plan, parc, holders, rights, d)
    home = folder / parc.code
    _write_texts(home / "conventions", texts)
    _write_texts(home / "flux", fluxes_of(request, plan, parc))
    _write_texts(home / "orientations", orientations_of(request, plan, parc))
    dwellings = dwellings_frame(plan, parc, occupation, left)
    freed = releases_frame(parc, releases, dwellings["id_logement"])
    tables = {
        "logements": dwellings,
        "liberations": freed,
        "attributions": lettings_frame(parc, lettings, freed["id_liberation"], list(holders.codes)),
        "reservataires": holders.frame,
        "prets": rights.loans_frame,
        "droits": rights.rights_frame,
        "programmes": rights.programmes_frame,
    }
    (home / "donnees").mkdir()
    for name, frame in tables.items():
        frame.write_parquet(
            home / "donnees" / f"{name}.parquet",
            compression="zstd",
            compression_level=1,
            metadata={"mention": WATERMARK},
        )
    counted = tally(
        request, parc, releases, lettings, occupation, left, _kinds(holders), len(holders.bonds), len(broken)
    )  # fmt: skip
    return counted, [(parc.code, file, rule, what) for file, rule, what in broken]


def _kinds(holders: Holders) -> list[str]:
    """What each code is in the figure of réservataires; the exempt services are in none."""
    return ["bailleur" if c == "bailleur" else _KINDS.get(c.partition("-")[0], "exemptés") for c in holders.codes]


def _write_texts(folder: Path, texts: dict[str, str]) -> None:
    folder.mkdir(parents=True)
    for name, text in texts.items():
        (folder / name).write_bytes(text.encode())
