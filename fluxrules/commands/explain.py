"""``fluxrules explain``: one demande, line by line."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fluxrules.commands.loading import Data, data_options, load_tables
from fluxrules.commands.shared import FINDINGS, USAGE, date_option, format_option, load_grids, show

if TYPE_CHECKING:
    from fluxrules.cotation.explain import Explanation


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
    from fluxrules.vocabulary.territoires import attach_territoire, nom_territoire

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
        here = sorted(wanted.intersection(grid.header.territories)) if wanted is not None else []
        if len(grids) > 1 and grid.header.territories and wanted is not None and not here:
            continue
        if not grid.header.applies(day):
            bag.add("FX6002", f"La grille « {grid.header.name} » ne vaut pas à la date du {show_date(day)}.", grid.place,
                    "Donnez la grille en vigueur à cette date, ou une autre date.")  # fmt: skip
            continue
        if grid.header.territories and wanted is not None and not here and format_ == "texte":
            click.echo(
                "Remarque : cette demande ne vise aucune commune de ce territoire ; le calcul est donné pour information.\n",
                err=True,
            )
        told: list[tuple[Explanation, list[str]]] = []  # the same note for the same reasons is told once
        for territory in here or [None]:
            e = explanation(grid, loaded.tables, number, day, territory)
            name = nom_territoire(territory) if territory else grid.header.territory_name
            names = next((names for other, names in told if other == e), None)
            if names is None:
                told.append((e, [name] if name else []))
            elif name:
                names.append(name)
        for e, names in told:
            where = " ; ".join(names) or None
            pages.append(as_json(e, number, where) if format_ == "json" else text(e, number, where))
    if format_ == "json":
        click.echo(json.dumps(pages, ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(str(p) for p in pages), nl=False)
    show(bag.items, "texte")
    return FINDINGS if bag.items or not pages else 0
