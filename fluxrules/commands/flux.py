"""``fluxrules flux``: conventions and the yearly flux, each act in its own file."""

from __future__ import annotations

import importlib

import click

ACTS = {
    "init": ("flux_init", "Copie un département d'exemple, à adapter."),
    "check": ("flux_check", "Vérifie des conventions, des flux et des orientations, un à un et ensemble."),
    "assiette": ("flux_assiette", "Calcule l'assiette d'un flux, et explique chaque nombre."),
    "convertir": ("flux_convertir", "Convertit des droits en part du flux, par chaque méthode."),
    "droits": ("flux_droits", "Fait l'état des lieux des droits anciens, et compare les listes."),
    "repartir": ("flux_repartir", "Partage les logements d'une année entre les réservataires."),
    "bilan": ("flux_bilan", "Écrit le bilan annuel : proposés, attribués, soustractions, publics, délais."),
    "purge": ("flux_purge", "Efface des tables les personnes radiées depuis plus d'un an, sans perdre un compte."),
    "simuler": ("flux_simuler", "Compare ce qui revient à chacun avant et après un changement."),
    "orienter": ("flux_orienter", "Conseille un réservataire pour chaque logement libéré, et tient le journal."),
    "suivi": ("flux_suivi", "Montre où en est chaque réservataire à une date, et ce qui alerte."),
}


class _Acts(click.Group):
    """Loads an act when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(ACTS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in ACTS:
            return None
        command: click.Command = importlib.import_module(f"fluxrules.commands.{ACTS[cmd_name][0]}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Actes"):
            formatter.write_dl([(name, text) for name, (_, text) in ACTS.items()])


@click.command("flux", cls=_Acts, no_args_is_help=False)
def command() -> None:
    """Conventions de réservation et flux annuel : vérifier, calculer, orienter, suivre, rendre compte."""
