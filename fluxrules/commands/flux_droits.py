"""``fluxrules flux droits``: the état des lieux of legacy rights, and the differences between the two lists."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import click

from fluxrules.commands.flux_shared import exit_of, load_flux_tables
from fluxrules.commands.shared import counted, date_option, format_option, show
from fluxrules.diagnostics.diagnostic import Bag, Cell


@click.command("droits")
@click.argument("dossier", type=click.Path(path_type=Path))
@date_option
@format_option
def command(dossier: Path, reference: date | None, format_: str) -> int:
    """Fait l'état des lieux des droits anciens à une date, et compare les deux listes."""
    from fluxrules.flux.inventory import differences, held, running
    from fluxrules.flux.of_year import repayments
    from fluxrules.vocabulary.flux import flux_vocabulary

    day = reference or date.today()
    tables = load_flux_tables(dossier, format_)
    if tables is None or tables.droits is None:
        raise click.ClickException("Ce dossier n'a pas de table « droits ».")
    rights = running(tables.droits, day, repayments(tables))
    labels = flux_vocabulary().nomenclatures["contrepartie"].labels
    bag = Bag()
    for d in differences(rights):
        ours, own = (_said(n, there) for n, there in zip((d.bailleur, d.own), d.listed, strict=True))
        why = labels.get(d.counterpart or "", "contrepartie non renseignée")
        bag.add("FX8207", f"« {d.reservataire} », {d.place} ({why}) : {ours} pour le bailleur, {own} pour le réservataire.", Cell("droits"),
                "Comparez les deux listes, et corrigez-les ensemble.")  # fmt: skip
    lines = held(rights)
    if format_ == "json":
        click.echo(json.dumps({"date": day.isoformat(), "droits": [
            {"réservataire": h.reservataire, "contrepartie": labels.get(h.counterpart or ""), "droits de suite": h.lasting, "droits uniques": h.single}
            for h in lines], "différences": [
            {"réservataire": d.reservataire, "lieu": d.place, "nature": d.nature, "contrepartie": labels.get(d.counterpart or ""),
             "bailleur": d.bailleur, "liste du réservataire": d.own} for d in differences(rights)]},
                              ensure_ascii=False, indent=2))  # fmt: skip
    else:
        click.echo(f"Droits en cours le {day:%d/%m/%Y}, d'après la liste du bailleur :")
        for h in lines:
            why = labels.get(h.counterpart or "", "contrepartie non renseignée")
            click.echo(f"  {h.reservataire:<25} {why:<28} {_counted(h.lasting, 'droit de suite', 'droits de suite'):>22}"
                       f"  {_counted(h.single, 'droit unique', 'droits uniques'):>20}")  # fmt: skip
    show(bag.sorted(), format_) if bag.items else None
    return exit_of(bag, strict=False)


def _said(number: int | None, there: bool) -> str:
    return ("un nombre non renseigné" if there else "pas de ligne") if number is None else str(number)


def _counted(number: int | None, one: str, many: str) -> str:
    return f"inconnu ({many})" if number is None else counted(number, one, many)
