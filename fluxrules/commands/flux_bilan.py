"""``fluxrules flux bilan``: the yearly account of a bailleur to its réservataires, in one command."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fluxrules.commands.flux_pays import Departement, every, hold_years, tell_diagnostics, tell_stops
from fluxrules.commands.flux_reading import NothingDoneError, read_folder
from fluxrules.commands.flux_shared import asked_years, floor_outside_qpv, known_years, year_options
from fluxrules.commands.shared import FINDINGS, Day, counted, format_option
from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.document.collector import without_collector

if TYPE_CHECKING:
    from fluxrules.flux.bilan.build import Bilan

_FORMATS = ("xlsx", "csv", "html")


def _formats(ctx: click.Context, param: click.Parameter, value: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(f.strip() for f in value.split(",") if f.strip()))
    if not found or any(f not in _FORMATS for f in found):
        raise click.BadParameter(f"« {value} » n'est pas compris ; écrivez {','.join(_FORMATS)}, ou une partie.")
    return found


@click.command("bilan")
@click.argument("dossier", type=click.Path(path_type=Path))
@year_options
@click.option("--sortie", required=True, type=click.Path(path_type=Path), help="Dossier à écrire.")
@click.option(
    "--formats", default=",".join(_FORMATS), callback=_formats, help="xlsx, csv, html, séparés par des virgules."
)
@click.option("--transmis", type=Day(), default=None, help="Jour de l'envoi, comparé à la date limite.")
@click.option("--remplacer", is_flag=True, help="Remplace un bilan déjà écrit.")
@format_option
def command(
    dossier: Path, annee: int, bailleur: str | None, sortie: Path, formats: tuple[str, ...], transmis: date | None, remplacer: bool, format_: str
) -> int:  # fmt: skip
    """Écrit le bilan annuel d'un bailleur, ou de tous : xlsx, CSV et page à lire. Un dossier de départements est lu en entier."""
    from fluxrules.data.write import NotWrittenError, check_target, whole_folder
    from fluxrules.flux.bilan.output import write_receipt
    from fluxrules.model.flux.folder import departements

    if transmis is not None and transmis <= date(annee, 12, 31):
        raise click.ClickException(
            f"« --transmis » : le bilan de {annee} n'a pas pu être envoyé le {transmis:%d/%m/%Y}, avant la fin de l'année."
        )
    folders = departements(dossier)
    job = partial(_bilans, folders, _Asked(annee, bailleur, formats, transmis))
    try:
        check_target(sortie, replace=remplacer)
        with whole_folder(sortie, replace=remplacer) as work:
            found = every(partial(job, work), folders, "Bilans")
            _hold(found, folders, dossier, annee, bailleur)
            write_receipt([entry for one in found for entry in one.receipt], work, formats)
    except NotWrittenError as error:
        raise click.ClickException(f"Écriture impossible : {error}.") from error
    if format_ == "json":
        plain = [{**entry, "dossier": str(sortie / str(entry["dossier"]))} for one in found for entry in one.plain]
        click.echo(json.dumps(plain, ensure_ascii=False, indent=2))
        return tell_diagnostics(found, folders, format_)
    for one in found:
        for title, folder, lines in one.said:
            click.echo(f"{title} dans {sortie / folder}")
            click.echo("\n".join(lines)) if len(folders) == 1 else None
    if len(folders) > 1:
        click.echo(f"{counted(sum(len(one.said) for one in found), 'bilan', 'bilans')} de {len(folders)} départements.")
    return tell_diagnostics(found, folders, format_)


@dataclass(frozen=True)
class _Asked:
    year: int
    bailleur: str | None
    formats: tuple[str, ...]
    sent: date | None


@dataclass(frozen=True)
class _Done(Departement):
    """``said``: the title, the folder and the lines of each bilan."""

    said: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    receipt: tuple[dict[str, object], ...] = ()
    plain: tuple[dict[str, object], ...] = ()


def _bilans(folders: list[Path], asked: _Asked, work: Path, number: int) -> _Done:
    """Picklable, so that another process can run it. Each bilan is written as soon as it is known, and let go."""
    from fluxrules.flux.bilan.build import bilans
    from fluxrules.flux.bilan.html import lines
    from fluxrules.flux.bilan.output import folder_of, receipt_of, write_bilan

    bag, said, receipt, plain = Bag(), [], [], []
    try:
        read = read_folder(folders[number], (asked.year,))
    except NothingDoneError as stop:
        return _Done(stop=stop)
    years = asked_years(read.documents, asked.year, asked.bailleur)
    if not years:
        return _Done(known=known_years(read.documents))
    with without_collector():
        for one in bilans(years, read.documents, read.tables, bag, asked.sent, floor_outside_qpv(asked.year)):
            write_bilan(one, work, asked.formats)
            title = f"{one.title} : {counted(len(one.tables), 'table', 'tables')}"
            said.append((title, folder_of(one), (*lines(one), *_open(one, asked.year))))
            receipt.append(receipt_of(one))
            plain.append(_plain(one))
    diagnostics = (*read.diagnostics, *bag.items)
    return _Done(len(years), diagnostics, said=tuple(said), receipt=tuple(receipt), plain=tuple(plain))


def _plain(one: Bilan) -> dict[str, object]:
    """For json: what was written, and the line of each réservataire."""
    from fluxrules.flux.bilan.output import folder_of

    rows = one.table("T2-reservataires").frame.to_dicts()
    last = one.until.isoformat() if one.until is not None else None
    return {"bailleur": one.year.bailleur.code, "nom": one.year.bailleur.name, "année": one.year.year, "dossier": folder_of(one),
            "dernière libération": last, "tables": {t.name: len(t.frame) for t in one.tables}, "réservataires": rows}  # fmt: skip


def _open(one: Bilan, annee: int) -> tuple[str, ...]:
    if one.until is None or one.until >= date(annee, 12, 1):
        return ()
    return (f"  ! L'année n'est pas close : les tables s'arrêtent au {one.until:%d/%m/%Y}.",)


def _hold(found: list[_Done], folders: list[Path], dossier: Path, annee: int, bailleur: str | None) -> None:
    """Exits where a département could not be read, or where there is nothing to write: what is partial is not a bilan."""
    code = tell_stops(found, folders, "texte")
    if not code and any(one.said for one in found):
        return
    if not code:
        code = FINDINGS
        tell_diagnostics(found, folders, "texte")
    click.echo("Rien n'a été écrit.", err=True)
    hold_years(found, dossier, annee, bailleur, "texte")
    raise click.exceptions.Exit(code)
