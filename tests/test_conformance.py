"""The calculus, worked out by hand, on every engine. Each case of ``tests/conformance`` is derivable with pencil and paper."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from fluxrules.data.columns import dtype_of
from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.engines.interpreter import Facts, evaluate
from fluxrules.engines.numpy import score as numpy_score
from fluxrules.engines.polars import score as polars_score
from fluxrules.ir.evidence import declared, verified
from fluxrules.ir.nodes import Program
from fluxrules.ir.serial import fingerprint, from_json, to_json
from fluxrules.language.numbers import read_date
from fluxrules.model.grid import Grid, read_grid
from fluxrules.text.source import Source
from fluxrules.vocabulary.fields import Vocabulary
from fluxrules.vocabulary.load import load_vocabulary

FOLDER = Path(__file__).parent / "conformance"
HEAD = {"langage": "1", "cotation": "cas", "nature": "fragment", "ex æquo": "aucun départage"}
LEAST_ROWS = 150


@dataclass(frozen=True)
class Expected:
    note: int
    low: int
    high: int
    missing: tuple[str, ...] | None


@dataclass(frozen=True)
class Case:
    name: str
    grid: Grid
    day: date
    rows: tuple[tuple[Facts, Expected], ...]
    program: Program


class _Plain(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def vocabulary() -> Vocabulary:
    return load_vocabulary([FOLDER / "vocabulaire.yaml"], "demande")


def cases() -> Iterator[Case]:
    words = vocabulary()
    for path in sorted(FOLDER.glob("*.yaml")):
        if path.name != "vocabulaire.yaml":
            for raw in yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader):
                yield case(f"{path.stem}: {raw['cas']}", raw, words)


def case(name: str, raw: dict[str, Any], words: Vocabulary) -> Case:
    """A case: the head is added, each row becomes an example so that facts are read as in a grid."""
    day = raw.get("le", "01/03/2026")
    examples = [
        {"nom": str(i), "à la date du": day, "faits": r["faits"], "attendu": {}} for i, r in enumerate(raw["lignes"])
    ]
    body = {k: v for k, v in raw.items() if k not in ("cas", "pourquoi", "le", "lignes", "vérifié")}
    text = yaml.dump(
        {**HEAD, **body, "exemples": examples}, Dumper=_Plain, allow_unicode=True, sort_keys=False, width=10**6
    )
    bag = Bag()
    grid = read_grid(Source(name, text), words, bag)
    assert grid is not None and not bag.has_errors, (name, [(d.code, d.message, d.place) for d in bag.items], text)
    scale = grid.program.scale
    rows = []
    for example, row in zip(grid.examples, raw["lignes"], strict=True):
        note = scaled(row["note"], scale)
        missing = tuple(sorted(row["manque"])) if "manque" in row else None
        rows.append(
            (
                example.facts,
                Expected(
                    note,
                    scaled(row.get("min", row["note"]), scale),
                    scaled(row.get("max", row["note"]), scale),
                    missing,
                ),
            )
        )
    reference = read_date(day)
    assert reference is not None
    program = verified(grid.program) if raw.get("vérifié") == "oui" else declared(grid.program)
    return Case(name, grid, reference, tuple(rows), program)


def scaled(text: str, scale: int) -> int:
    value = float(text.replace(",", ".")) * scale
    assert value == int(value), text
    return int(value)


CASES = list(cases())
Outcome = tuple[int, int, int, tuple[str, ...]]


def interpreter(c: Case) -> list[Outcome]:
    results = [evaluate(c.program, facts, c.day) for facts, _ in c.rows]
    return [(x.note, x.note_min, x.note_max, x.missing) for x in results]


def polars(c: Case) -> list[Outcome]:
    return vectorised(c, polars_score)


def numpy(c: Case) -> list[Outcome]:
    return vectorised(c, numpy_score)


def vectorised(c: Case, score: Callable[..., pl.DataFrame]) -> list[Outcome]:
    """Rows with the same tables given go together, so that « not given » stays not given."""
    words = vocabulary()
    out: list[Outcome] = []
    for facts, _ in c.rows:
        frames = {e.table: frame(facts, e.name, words) for e in words.entities.values()}
        row = score(c.program, frames, c.day, principal="demandes", key="numero_unique").row(0, named=True)
        out.append((row["note"], row["note_min"], row["note_max"], tuple(row["manque"])))
    return out


def frame(facts: Facts, entity: str, words: Vocabulary) -> pl.DataFrame | None:
    definition = words.entities[entity]
    rows = [facts.values] if entity == words.principal else facts.rows.get(entity)
    if rows is None:
        return None
    schema: dict[str, Any] = {
        "numero_unique": pl.String(),
        **{f.column: dtype_of(f) for f in definition.all_fields.values()},
    }
    data = []
    for row in rows:
        values = {f.column: row.get(f.name) for f in definition.all_fields.values()}
        data.append(
            {"numero_unique": "x", **{k: list(v) if isinstance(v, frozenset) else v for k, v in values.items()}}
        )
    return pl.DataFrame(data, schema=schema, orient="row")


ENGINES = {"interpreter": interpreter, "polars": polars, "numpy": numpy}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("c", CASES, ids=[c.name for c in CASES])
def test_case(c: Case, engine: str) -> None:
    for (note, low, high, missing), (_, e) in zip(ENGINES[engine](c), c.rows, strict=True):
        assert (note, low, high) == (e.note, e.low, e.high)
        if e.missing is not None:
            assert missing == e.missing


def test_there_are_enough_rows() -> None:
    assert sum(len(c.rows) for c in CASES) >= LEAST_ROWS


@pytest.mark.parametrize("c", CASES, ids=[c.name for c in CASES])
def test_every_program_survives_its_serialised_form(c: Case) -> None:
    again = from_json(to_json(c.grid.program))
    assert again == c.grid.program and fingerprint(again) == c.grid.hash
