"""``fluxrules explain``: one demande, line by line."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import click

from fluxrules.commands.loading import Data, data_options, load_tables
from fluxrules.commands.shared import FINDINGS, USAGE, date_option, format_option, load_grids, show


@click.command("explain")
@click.argument("grilles", nargs=-1, required=True, type=click.Path(path_type=Path))
@data_options
@click.option("--demande", "number", default=None, help="Numéro unique (inutile si le fichier n'a qu'une demande).")
@date_option
@format_option
def command(
    grilles: tuple[Path, ...], donnees: Path, mapping: Path | None, complement: Path | None, number: str | None,
    reference: date | None, format_: str,
) -> int:  # fmt: skip
    """Explique la note d'une demande : chaque ligne, ce qui manque, et la somme."""
    from fluxrules.api import explanation
    from fluxrules.cotation.sentences import as_json, text
    from fluxrules.data.tables import KEY
    from fluxrules.diagnostics.diagnostic import Bag, Cell
    from fluxrules.language.numbers import show_date
    from fluxrules.vocabulary.territoires import attach_territoire

    day = reference or date.today()
    grids = load_grids(grilles, format_)
    loaded = load_tables(Data(donnees, mapping, complement), day)
    show([d for d in loaded.diagnostics if d.severity.label == "erreur"], "texte")
    if loaded.tables is None:
        return USAGE
    numbers = loaded.tables.demandes[KEY].to_list()
    if number is None and len(numbers) == 1:
        number = numbers[0]
    bag = Bag()
    if number is None or number not in numbers:
        what = "Le fichier contient plusieurs demandes." if number is None else "Aucune demande lue ne porte ce numéro."
        bag.add(
            "FX6004",
            what,
            Cell(str(donnees), None, KEY),
            "Donnez « --demande » avec le numéro d'une demande de la table.",
        )
        show(bag.items, "texte")
        return FINDINGS
    choix = loaded.tables.choix
    wanted = (
        set(attach_territoire(choix.filter(choix[KEY] == number))["territoire"].drop_nulls())
        if choix is not None
        else None
    )
    pages = []
    for grid in grids:
        territory = (grid.header.territories or (None,))[0]
        if len(grids) > 1 and territory and wanted is not None and territory not in wanted:
            continue
        if not grid.header.applies(day):
            bag.add("FX6002", f"La grille « {grid.header.name} » ne vaut pas à la date du {show_date(day)}.", grid.place,
                    "Donnez la grille en vigueur à cette date, ou une autre date.")  # fmt: skip
            continue
        e = explanation(grid, loaded.tables, number, day)
        if territory and wanted is not None and territory not in wanted and format_ == "texte":
            click.echo(
                "Remarque : cette demande ne vise aucune commune de ce territoire ; le calcul est donné pour information.\n",
                err=True,
            )
        pages.append(
            as_json(e, number, grid.header.territory_name)
            if format_ == "json"
            else text(e, number, grid.header.territory_name)
        )
    if format_ == "json":
        click.echo(json.dumps(pages, ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(str(p) for p in pages), nl=False)
    show(bag.items, "texte")
    return FINDINGS if bag.items or not pages else 0
