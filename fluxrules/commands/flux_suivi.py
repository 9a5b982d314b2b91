"""``fluxrules flux suivi``: where each réservataire stands on a day, and what calls attention."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fluxrules.commands.flux_pays import Departement, every, hold_years, tell_diagnostics, tell_stops
from fluxrules.commands.flux_reading import NothingDoneError, journal_of, needed, read_folder
from fluxrules.commands.flux_shared import asked_years, floor_outside_qpv, known_years, year_options
from fluxrules.commands.shared import USAGE, date_option, format_option
from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.document.collector import without_collector
from fluxrules.language.numbers import show_number

if TYPE_CHECKING:
    import polars as pl

    from fluxrules.flux.alerts import Alert
    from fluxrules.flux.suivi import Follow, Standing


@click.command("suivi")
@click.argument("dossier", type=click.Path(path_type=Path))
@year_options
@date_option
@click.option(
    "--journal",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    default=None,
    help="Journal (celui du dossier par défaut).",
)
@click.option("--points", type=click.IntRange(0, 100), default=5, help="Écart au rythme qui alerte, en points.")
@click.option(
    "--sortie", type=click.Path(path_type=Path, dir_okay=False), default=None, help="Classeur Excel à écrire."
)
@format_option
def command(
    dossier: Path, annee: int, bailleur: str | None, reference: date | None, journal: Path | None, points: int, sortie: Path | None, format_: str
) -> int:  # fmt: skip
    """Montre la cible, ce qui est dû, ce qui est proposé, attribué et compté, les écarts et les alertes."""
    from fluxrules.model.flux.folder import departements

    folders = departements(dossier)
    if journal is not None and len(folders) > 1:
        raise click.ClickException("Un journal est celui d'un département : donnez son dossier.")
    asked = _Asked(annee, bailleur, reference or date.today(), journal, points)
    found = every(partial(_followed, folders, asked), folders, "Suivi")
    stopped = tell_stops(found, folders, format_)
    hold_years(found, dossier, annee, bailleur, format_)
    if format_ == "json":
        click.echo(json.dumps([p for one in found for p in one.plain], ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(line for one in found for line in one.lines)) if any(one.lines for one in found) else None
    code = max(stopped, tell_diagnostics(found, folders, format_))
    followed = [one for one in found if one.plain]
    if sortie is not None and followed and not _written(sortie, followed, asked.day, format_):
        return USAGE
    return code


@dataclass(frozen=True)
class _Asked:
    year: int
    bailleur: str | None
    day: date
    journal: Path | None
    points: int


@dataclass(frozen=True)
class _Done(Departement):
    """What is printed, what a program reads, the sheets."""

    lines: tuple[str, ...] = ()
    plain: tuple[dict[str, Any], ...] = ()
    sheets: tuple[pl.DataFrame, ...] = ()


@without_collector()
def _followed(folders: list[Path], asked: _Asked, number: int) -> _Done:
    """Picklable, so that another process can run it."""
    from fluxrules.data.flux.bailleurs import by_bailleur
    from fluxrules.flux.alerts import Limits, alerts
    from fluxrules.flux.suivi import follow

    try:
        read = read_folder(folders[number], (asked.year,))
        years = asked_years(read.documents, asked.year, asked.bailleur)
        if not years:
            return _Done(known=known_years(read.documents))
        tables = needed(read.tables)
        entries = journal_of(asked.journal, read.documents, tables) if asked.journal is not None else read.entries
    except NothingDoneError as stop:
        return _Done(stop=stop)
    bag, parts, limits = Bag(), by_bailleur(tables), Limits(Fraction(asked.points), floor=floor_outside_qpv(asked.year))
    lines, plain, sheets = list[str](), [], []
    for year in years:
        own = parts.of(year.bailleur.code)
        f = follow(year, read.documents.of_bailleur(year.bailleur.code), own, entries, asked.day, bag)
        found = alerts(f, own, limits)
        lines += _lines(f, found)
        plain.append(_plain(f, found))
        sheets.append(_sheet(f))
    diagnostics = (*read.diagnostics, *bag.items)
    return _Done(len(years), diagnostics, lines=tuple(lines), plain=tuple(plain), sheets=tuple(sheets))


def _sheet(f: Follow) -> pl.DataFrame:
    import polars as pl

    from fluxrules.flux.suivi import frame_of

    return frame_of(f).insert_column(0, pl.Series("flux", [f.year.name] * (len(f.standings) + 1)))


def _lines(f: Follow, found: tuple[Alert, ...]) -> Iterator[str]:
    base, assiette = f.base, f.found.assiette.total.shown
    yield f"{f.year.name}, le {f.day:%d/%m/%Y} : {base} logements du flux à ce jour ; assiette prévue : {assiette}"
    yield f"  {'':<42}{'cible':>9}{'dû':>9}{'reporté':>9}{'proposés':>9}{'attribués':>10}{'comptés':>9}{'en cours':>9}{'/ prévu':>9}{'/ dû':>9}{'solde':>9}"
    for s in (*f.standings, f.total):
        cells = [_shown(s.target), _shown(s.due), _shown(s.carried), str(s.proposed), str(s.attributed), str(s.counted), str(s.pending),
                 _shown(s.gap_forecast), _shown(s.gap_realised), _shown(s.balance)]  # fmt: skip
        yield f"  {s.name[:41]:<42}" + "".join(f"{c:>{10 if i == 4 else 9}}" for i, c in enumerate(cells))
    yield "  Dû : pour ce qui s'est libéré. En cours : proposés, peuvent encore compter. Solde = dû + reporté − comptés − en cours ; positif, il est en retard."
    if f.known is not None:
        yield f"  ! Les tables s'arrêtent au {f.known:%d/%m/%Y} : ce qui suit n'est pas connu."
    yield from (f"  ! {a.name} : {a.message}" for a in found)


def _shown(value: Fraction | None) -> str:
    return "inconnu" if value is None else show_number(value, 2)


def _plain(f: Follow, found: tuple[Alert, ...]) -> dict[str, Any]:
    return {
        "flux": f.year.name, "date": f.day.isoformat(), "logements du flux": f.base, "assiette prévisionnelle": _exact(f.found.assiette.total.value),
        "tables jusqu'au": f.known.isoformat() if f.known else None,
        "réservataires": [{"réservataire": s.code} | _line(s) for s in f.standings],
        "total": _line(f.total),
        "alertes": [{"alerte": a.name, "réservataire": a.code, "message": a.message} for a in found],
    }  # fmt: skip


def _line(s: Standing) -> dict[str, object]:
    return {
        "nom": s.name, "cible": _exact(s.target), "dû": str(s.due), "reporté": str(s.carried), "proposés": s.proposed, "attribués": s.attributed,
        "baux": s.leases, "rendus": s.returned, "comptés": s.counted, "décompte inconnu": s.unknown, "en cours": s.pending,
        "écart au prévisionnel": _exact(s.gap_forecast), "écart au dû": str(s.gap_realised), "solde": str(s.balance),
    }  # fmt: skip


def _exact(value: Fraction | None) -> str | None:
    return None if value is None else str(value)


def _written(sortie: Path, done: list[_Done], day: date, format_: str) -> bool:
    import polars as pl

    from fluxrules.data.write import NotWrittenError, whole_file
    from fluxrules.data.write_workbook import Sheet, write_workbook

    stands = pl.concat([sheet for one in done for sheet in one.sheets], how="vertical_relaxed")
    rows = [(p["flux"], *a.values()) for one in done for p in one.plain for a in p["alertes"]]
    named = pl.DataFrame(
        rows, schema=dict.fromkeys(("flux", "alerte", "reservataire", "message"), pl.String), orient="row"
    )
    notice = [("Suivi du flux", f"au {day:%d/%m/%Y}"), ("Nombres", "exacts dans le calcul, montrés à deux décimales")]
    try:
        with whole_file(sortie, replace=True) as work:
            write_workbook([Sheet("suivi", stands), Sheet("alertes", named)], work, notice, day=day)
    except NotWrittenError as error:
        click.echo(f"{error}.", err=True)
        return False
    if format_ != "json":
        click.echo(f"Écrit : {sortie}")
    return True
