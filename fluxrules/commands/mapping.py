"""``fluxrules mapping``: propose a mapping file, and check one."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from fluxrules.commands.shared import FINDINGS, USAGE, exit_code, show, strict_option, summary


@click.group("mapping")
def command() -> None:
    """Correspondances : des colonnes d'un CSV ou d'un classeur aux champs du vocabulaire."""


@command.command("init")
@click.argument("fichiers", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--sortie", type=click.Path(path_type=Path), default=None, help="Fichier à créer (sinon : sortie standard)."
)
def init(fichiers: tuple[Path, ...], sortie: Path | None) -> int:
    """Propose une correspondance d'après les colonnes de fichiers, et dit ce qu'elle n'a pas su placer."""
    from fluxrules.data.mapping.propose import propose
    from fluxrules.data.mapping.propose_text import mapping_text, once_each, report
    from fluxrules.data.text_table import UnreadableTableError
    from fluxrules.data.write import NotWrittenError, whole_file
    from fluxrules.diagnostics.diagnostic import Bag, Cell
    from fluxrules.vocabulary.load import standard_vocabulary

    bag, found = Bag(), []
    for file in fichiers:
        try:
            found.append(propose(file, standard_vocabulary()))
        except UnreadableTableError as error:
            bag.add(error.code, f"La table ne se lit pas : {error.reason}.", Cell(file.name, error.line), error.todo)
        except OSError:
            bag.add(
                "FX5032",
                "La table ne se lit pas : le fichier n'existe pas ou ne s'ouvre pas.",
                Cell(file.name),
                "Vérifiez le chemin et les droits.",
            )
    if bag.items:
        show(bag.items, "texte")
        return USAGE
    text = mapping_text(found, standard_vocabulary())
    if sortie is None:
        click.echo(text, nl=False)
    else:
        if sortie.exists():
            raise click.ClickException(f"« {sortie} » existe déjà : donnez un autre nom.")
        try:
            with whole_file(sortie) as path:
                path.write_text(text, "utf-8")
        except NotWrittenError as error:
            raise click.ClickException(f"Écriture impossible : {error}.") from error
    for proposal in once_each(found, standard_vocabulary()):
        for line in report(proposal):
            click.echo(line, err=True)
    return 0


@command.command("check")
@click.argument("correspondance", type=click.Path(path_type=Path))
@click.option(
    "--donnees", type=click.Path(path_type=Path), default=None, help="Lit aussi ces fichiers, sans rien calculer."
)
@strict_option
def check(correspondance: Path, donnees: Path | None, strict: bool) -> int:
    """Vérifie une correspondance, et ce qu'elle lit dans des fichiers."""
    from fluxrules.data.findings import Findings
    from fluxrules.data.mapping.join import extract, read_mapped
    from fluxrules.data.mapping.load import load_mapping
    from fluxrules.diagnostics.diagnostic import Bag
    from fluxrules.vocabulary.load import standard_vocabulary

    bag = Bag()
    mapping = load_mapping(correspondance, standard_vocabulary(), bag)
    items = bag.sorted()
    read = ""
    if mapping is not None and donnees is not None and mapping.main is None:  # made to complete other data
        findings = Findings()
        parts = extract(donnees, mapping, standard_vocabulary(), findings)
        items += findings.bag.items
        read = "".join(f", {len(p.frame)} ligne(s) de {p.table} dans {p.file}" for p in parts)
    elif mapping is not None and donnees is not None:
        reading = read_mapped(donnees, mapping, standard_vocabulary(), date.today())
        items += reading.diagnostics
        kept = len(reading.tables.demandes) if reading.tables is not None else 0
        read = f", {reading.rows_in} demande(s) lue(s), {kept} gardée(s)"
    show(items, "texte", to_stdout=True)
    click.echo(f"{correspondance} : {summary(items)}{read}.")
    if any(d.code == "FX0001" for d in items):
        return USAGE
    return FINDINGS if mapping is None else exit_code(items, strict)
