"""``fluxrules qualite``: what the data of each territory are worth for its grid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from fluxrules.commands.loading import Data, data_options, source_of
from fluxrules.commands.shared import FINDINGS, USAGE, date_option, load_grids, show, strict_option
from fluxrules.diagnostics.diagnostic import Bag, Cell, Diagnostic

ODD_VALUES = ("FX5010", "FX5011", "FX5012", "FX5013")


@click.command("qualite")
@click.argument("grilles", nargs=-1, required=True, type=click.Path(path_type=Path))
@data_options
@click.option("--sortie", type=click.Path(path_type=Path), default=None, help="Dossier à créer, pour les tableaux.")
@click.option("--tous", is_flag=True, help="Toutes les demandes, même celles qui ne visent pas le territoire.")
@click.option("--public", "public", is_flag=True, help="Cache les effectifs de 1 à 9, pour un rapport publié.")
@click.option("--remplacer", is_flag=True, help="Remplace le dossier de sortie s'il existe.")
@date_option
@strict_option
def command(
    grilles: tuple[Path, ...], donnees: Path, mapping: Path | None, complement: Path | None, sortie: Path | None, tous: bool, public: bool, remplacer: bool,
    reference: date | None, strict: bool,
) -> int:  # fmt: skip
    """Dit ce que valent les données de chaque territoire pour sa grille."""
    from fluxrules.cotation.quality_run import has_choices, measure
    from fluxrules.cotation.quality_text import Shown, frames, place_of, text, totals
    from fluxrules.data.parts import Parts
    from fluxrules.data.write import NotWrittenError, whole_folder, write_json, write_table
    from fluxrules.language.numbers import show_date
    from fluxrules.vocabulary.load import standard_vocabulary

    day = reference or date.today()
    grids = load_grids(grilles, "texte")
    source = source_of(Data(donnees, mapping, complement), day)
    given = source if isinstance(source, Parts) else source()
    bag = Bag()
    for grid in grids:
        if not grid.header.applies(day):
            bag.add("FX6002", f"La grille « {grid.header.name} » ne vaut pas à la date du {show_date(day)}.", grid.place,
                    "Donnez la grille en vigueur à cette date, ou une autre date de référence.")  # fmt: skip
    read = isinstance(given, Parts) or given.tables is not None
    if read and not has_choices(given) and not tous and any(g.header.territories for g in grids):
        bag.add("FX6003", "La table « choix » n'est pas donnée : rien ne dit quelles demandes relèvent de la grille.",
                grids[0].place, "Ajoutez la table, ou demandez « --tous ».")  # fmt: skip
    if read and bag.has_errors:
        show([*(() if isinstance(given, Parts) else _shown(given.diagnostics, public)), *bag.items], "texte")
        return FINDINGS
    measured = measure(grids, given, day, everyone=tous)
    show(_shown(measured.diagnostics, public), "texte")
    if measured.found is None or measured.counts is None:
        click.echo("Les données n'ont pas pu être lues : rien n'a été mesuré.", err=True)
        return USAGE
    found, counts = measured.found, measured.counts
    vocabulary, shown = standard_vocabulary(), Shown(public)
    for q in found:
        name = place_of(q)
        incoherent = [i for i in q.incoherences if i.found]
        if incoherent and not public:
            bag.add("FX5080", f"{name} : {len(incoherent)} sorte(s) d'incohérence dans les demandes.", Cell(donnees.name),
                    "Voyez la rubrique « Incohérences », et faites corriger les dossiers.")  # fmt: skip
        empty = [f.name for f in q.fields if q.demandes >= 10 and f.unknown == q.demandes and f.pending]
        if empty:
            bag.add("FX5081", f"{name} : champ(s) lu(s) par la grille et jamais renseigné(s) : {', '.join(empty)}.", Cell(donnees.name),
                    "Vérifiez que la colonne est dans l'extraction ; sinon ces lignes de la grille n'y servent pas.")  # fmt: skip
    show(bag.items, "texte")
    rejected = measured.rejects.select("fichier", "ligne").unique().height
    values = {
        "lignes de demandes": counts.read + rejected,
        "demandes rejetées": rejected,
        "demandes radiées": counts.struck_off,
        "demandes dans au moins une grille": counts.covered,
        "demandes sans grille": counts.without_grid,
    }
    click.echo(f"Qualité des données au {show_date(day)}\n")
    click.echo("\n".join(f"{k} : {v}" for k, v in totals(values, shown).items()))
    odd = sorted(_odd(d, public) for d in measured.diagnostics if d.code in ODD_VALUES)
    click.echo(f"colonnes avec des valeurs hors liste, hors bornes ou d'une autre forme : {len(odd)}\n")
    click.echo("\n\n".join(text(q, vocabulary, shown) for q in found))
    if sortie is not None:
        report = {
            "date": day.isoformat(),
            "public": public,
            "comptes": totals(values, Shown(public, plain=True)),
            "rejets": {c: shown.count(v) for c, v in sorted(Counter(measured.rejects["code"].to_list()).items())},
            "valeurs_hors_liste": odd,
        }
        try:
            with whole_folder(sortie, replace=remplacer) as folder:
                for table, frame in frames(found, vocabulary, shown).items():
                    write_table(frame, folder, table, "csv")
                write_json(report, folder / "qualite.json")
        except NotWrittenError as error:
            raise click.ClickException(f"Écriture impossible : {error}.") from error
        click.echo(f"\nTableaux : {sortie}")
    return FINDINGS if strict and bag.items else 0


def _shown(items: Sequence[Diagnostic], public: bool) -> list[Diagnostic]:
    """Counts of odd values stay out of a public report."""
    return [d for d in items if not public or d.severity.label == "erreur"]


def _odd(d: Diagnostic, public: bool) -> str:
    """A column with values that were read as unknown; values and counts stay out of a public report."""
    column = getattr(d.where, "column", None) or d.place
    return f"{d.code} {column}" if public else f"{d.code} {column} : {d.message}"
