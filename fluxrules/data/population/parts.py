"""A population of any size, part by part: each is drawn, written and counted on its own, so that memory does not grow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import polars as pl

from fluxrules.data.dataset import part_path
from fluxrules.data.population.block import BLOCK, Plan, draw_block
from fluxrules.data.population.figures import load_laws
from fluxrules.data.population.frames import LIMIT, tables
from fluxrules.data.population.places import load_places
from fluxrules.data.population.report import Tally, compare, tally
from fluxrules.data.tables import Tables
from fluxrules.data.workers import in_processes
from fluxrules.data.write import write_json, write_table

WATERMARK = (
    "Données synthétiques : demandes inventées à partir de chiffres publiés et d'hypothèses. "
    "Aucune personne réelle n'y figure, et aucun résultat ne décrit les demandeurs d'un territoire."
)
"""What every table, file or screen made from this population has to say."""

PART = 10 * BLOCK
"""The most demandes in one file; more of them go to numbered parts."""
_TABLES = ("demandes", "membres", "choix", "evenements")


@dataclass(frozen=True)
class Request:
    """The arguments of a population. Raises ``ValueError`` (a French sentence) when they cannot be met."""

    demandes: int
    seed: int
    reference: date
    epci: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    struck_off: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.demandes <= LIMIT:
            raise ValueError(f"Le nombre de demandes doit être compris entre 0 et {LIMIT} : {self.demandes}.")
        if self.seed < 0:
            raise ValueError(f"La graine est un entier positif ou nul : {self.seed}.")
        if self.reference.year < 2000:
            raise ValueError(f"La date de référence doit être postérieure à 1999 : {self.reference:%d/%m/%Y}.")
        if not 0 <= self.struck_off <= 1:
            raise ValueError(f"La part des demandes radiées va de 0 à 1 : {self.struck_off}.")
        load_places().homes(self.epci, self.regions)

    @property
    def everywhere(self) -> bool:
        """Whether the homes are all over France, as the figures are."""
        return not self.epci and not self.regions


def draw(request: Request, first: int, size: int) -> Tables:
    """Some demandes of a population, from the rank ``first``, that starts a block."""
    laws, places = load_laws(), load_places()
    homes = places.homes(request.epci, request.regions)
    plan = Plan(request.seed, request.reference, request.struck_off)
    starts = range(first, first + size, BLOCK)
    return tables(
        [draw_block(laws, places, homes, plan, at // BLOCK, min(BLOCK, first + size - at)) for at in starts], first
    )


def write_population(
    request: Request,
    folder: Path,
    *,
    format: str = "parquet",
    processes: int = 1,
    progress: Callable[[int], None] = lambda done: None,
) -> pl.DataFrame:
    """Writes the tables, ``LISEZMOI.json`` and ``conformite.csv`` in a folder that exists; gives what the latter says.

    Parts of the same number hold the same demandes. ``progress`` is told how many demandes are done. Memory is that of one part a
    process.
    """
    parts = max(1, -(-request.demandes // PART))
    if format != "parquet" and parts > 1:
        raise ValueError(f"Au-delà de {PART} demandes, les tables s'écrivent en Parquet seulement.")
    if parts > 1:
        for name in _TABLES:
            (folder / name).mkdir()
    job = partial(_write_part, request, folder, format)
    tallies: dict[int, Tally] = {}
    for number, counted in in_processes(job, parts, processes):
        tallies[number] = counted
        progress(min(len(tallies) * PART, request.demandes))
    # Sums of floats depend on their order: always that of the parts.
    compared = compare([tallies[number] for number in sorted(tallies)], everywhere=request.everywhere)
    write_table(compared, folder, "conformite", "csv")
    write_json(
        {
            "mention": WATERMARK,
            "demandes": request.demandes,
            "graine": request.seed,
            "date": request.reference.isoformat(),
            "epci": list(request.epci),
            "regions": list(request.regions),
            "part radiée": request.struck_off,
            "numéros": "Le code de guichet SYNTH n'existe pas : ces numéros ne sont ceux de personne.",
            "comparaison": "conformite.csv : les chiffres publiés et les hypothèses, et ce que cette population donne.",
        },
        folder / "LISEZMOI.json",
    )
    return compared


def _write_part(request: Request, folder: Path, format: str, number: int) -> Tally:
    first = number * PART
    size = min(PART, request.demandes - first)
    drawn = draw(request, first, size)
    alone = request.demandes <= PART
    for name in _TABLES:
        frame = getattr(drawn, name)
        if format != "parquet":
            write_table(frame, folder, name, format)
        else:
            path = folder / f"{name}.parquet" if alone else part_path(folder, name, number)
            frame.write_parquet(path, compression="zstd", metadata={"mention": WATERMARK})
    return tally(drawn, request.reference)
