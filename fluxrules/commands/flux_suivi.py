"""``fluxrules flux suivi``: where each réservataire stands on a day, and what calls attention."""

from __future__ import annotations

import json
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fluxrules.commands.flux_journal import load_journal, tables_needed
from fluxrules.commands.flux_shared import exit_of, load_dossier, load_flux_tables, year_options, years_of
from fluxrules.commands.shared import USAGE, date_option, format_option, show
from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.language.numbers import show_number

if TYPE_CHECKING:
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
    from fluxrules.flux.alerts import Limits, alerts
    from fluxrules.flux.suivi import follow

    day = reference or date.today()
    documents, tables = load_dossier(dossier, format_), tables_needed(load_flux_tables(dossier, format_, (annee,)))
    entries, bag = load_journal(journal, documents, tables, format_), Bag()
    done: list[tuple[Follow, tuple[Alert, ...]]] = []
    for year in years_of(documents, dossier, annee, bailleur, format_):
        found = follow(year, documents, tables, entries, day, bag)
        done.append((found, alerts(found, tables, Limits(Fraction(points)))))
    if format_ == "json":
        click.echo(json.dumps([_plain(f, a) for f, a in done], ensure_ascii=False, indent=2))
    else:
        for f, a in done:
            _print(f, a)
    show(bag.sorted(), format_) if bag.items else None
    if sortie is not None and not _written(sortie, done, format_):
        return USAGE
    return exit_of(bag, strict=False)


def _print(f: Follow, found: tuple[Alert, ...]) -> None:
    click.echo(
        f"{f.year.name}, le {f.day:%d/%m/%Y} : {f.base} logements du flux à ce jour ; assiette prévue : {f.found.assiette.total.shown}"
    )
    click.echo(
        f"  {'':<42}{'cible':>9}{'dû':>9}{'reporté':>9}{'proposés':>9}{'attribués':>10}{'comptés':>9}{'en cours':>9}{'/ prévu':>9}{'/ dû':>9}{'solde':>9}"
    )
    for s in (*f.standings, f.total):
        cells = [_shown(s.target), _shown(s.due), _shown(s.carried), str(s.proposed), str(s.attributed), str(s.counted), str(s.pending),
                 _shown(s.gap_forecast), _shown(s.gap_realised), _shown(s.balance)]  # fmt: skip
        click.echo(f"  {s.name[:41]:<42}" + "".join(f"{c:>{10 if i == 4 else 9}}" for i, c in enumerate(cells)))
    click.echo(
        "  Dû : pour ce qui s'est libéré. En cours : proposés, peuvent encore compter. Solde = dû + reporté − comptés − en cours ; positif, il est en retard."
    )
    if f.known is not None:
        click.echo(f"  ! Les tables s'arrêtent au {f.known:%d/%m/%Y} : ce qui suit n'est pas connu.")
    for a in found:
        click.echo(f"  ! {a.name} : {a.message}")


def _shown(value: Fraction | None) -> str:
    return "inconnu" if value is None else show_number(value, 2)


def _plain(f: Follow, found: tuple[Alert, ...]) -> dict[str, object]:
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


def _written(sortie: Path, done: list[tuple[Follow, tuple[Alert, ...]]], format_: str) -> bool:
    import polars as pl

    from fluxrules.data.write import NotWrittenError, whole_file
    from fluxrules.data.write_workbook import Sheet, write_workbook
    from fluxrules.flux.suivi import frame_of

    stands = pl.concat(
        [frame_of(f).insert_column(0, pl.Series("flux", [f.year.name] * (len(f.standings) + 1))) for f, _ in done],
        how="vertical_relaxed",
    )
    rows = [(f.year.name, a.name, a.code, a.message) for f, found in done for a in found]
    named = pl.DataFrame(
        rows, schema=dict.fromkeys(("flux", "alerte", "reservataire", "message"), pl.String), orient="row"
    )
    notice = [
        ("Suivi du flux", f"au {done[0][0].day:%d/%m/%Y}"),
        ("Nombres", "exacts dans le calcul, montrés à deux décimales"),
    ]
    try:
        with whole_file(sortie, replace=True) as work:
            write_workbook(
                [Sheet("suivi", stands.lazy()), Sheet("alertes", named.lazy())], work, notice, day=done[0][0].day
            )
    except NotWrittenError as error:
        click.echo(f"{error}.", err=True)
        return False
    if format_ != "json":
        click.echo(f"Écrit : {sortie}")
    return True
