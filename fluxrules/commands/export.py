"""``fluxrules export``: what leaves a folder of results, each way in its own file."""

from __future__ import annotations

import importlib

import click

WAYS = {
    "tables": ("export_tables", "Convertit un dossier de résultats en classeur Excel ou en CSV."),
    "sne": ("export_sne", "Prépare les notes à transmettre au SNE, et ce qui a changé."),
    "accuse": ("export_accuse", "Rapproche un export d'un accusé de réception."),
    "cle": ("export_cle", "Crée une clé de pseudonymes."),
    "pseudonymise": ("export_pseudonymise", "Copie un dossier de résultats sans numéro unique."),
}


class _Ways(click.Group):
    """Loads a way when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(WAYS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in WAYS:
            return None
        command: click.Command = importlib.import_module(f"fluxrules.commands.{WAYS[cmd_name][0]}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Exports"):
            formatter.write_dl([(name, text) for name, (_, text) in WAYS.items()])


@click.command("export", cls=_Ways, no_args_is_help=False)
def command() -> None:
    """Exporte des résultats : classeur, CSV, SNE, pseudonymes."""
