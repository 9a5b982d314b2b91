"""``fluxrules flux convertir``: rights on named dwellings into a share of the flux, by each method that the numbers allow."""

from __future__ import annotations

import json
from fractions import Fraction

import click

from fluxrules.commands.shared import format_option
from fluxrules.language.numbers import read_quantity, show_number


class _Amount(click.ParamType[Fraction]):
    """A number as French people write it; ``sign``: it must, or must not, carry « % »."""

    def __init__(self, *, percent: bool) -> None:
        self.percent = percent
        self.name = "7,5 %" if percent else "NOMBRE"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Fraction:
        read = read_quantity(str(value))
        if read is None or read[0] < 0 or read[1] != ("%" if self.percent else None):
            self.fail(f"« {value} » n'est pas compris ; écrivez {'7,5 %' if self.percent else '250'}.", param, ctx)
        return read[0] / 100 if self.percent else read[0]


@click.command("convertir")
@click.option("--reserves", type=_Amount(percent=False), default=None, help="Logements réservés (droits de suite).")
@click.option("--parc", type=_Amount(percent=False), default=None, help="Logements du parc.")
@click.option("--rotation", type=_Amount(percent=True), default=None, help="Rotation : « 7,5 % ».")
@click.option("--assiette", type=_Amount(percent=False), default=None, help="Assiette de l'année.")
@click.option("--droits-uniques", "rights", type=_Amount(percent=False), default=None, help="Nombre de droits uniques.")
@click.option("--duree", "years", type=click.IntRange(1, 99), default=None, help="Années de la convention.")
@click.option("--attributions", type=_Amount(percent=False), default=None, help="Attributions de l'année.")
@format_option
def command(
    reserves: Fraction | None, parc: Fraction | None, rotation: Fraction | None, assiette: Fraction | None,
    rights: Fraction | None, years: int | None, attributions: Fraction | None, format_: str,
) -> int:  # fmt: skip
    """Convertit des droits en part du flux : poids du stock, droits uniques, droits de suite × rotation, et leur écart."""
    from fluxrules.flux.conversion import by_rotation, by_single_rights, by_stock_weight, compared
    from fluxrules.flux.figures import Figure, explained, plain

    if 0 in (parc, assiette, attributions):
        raise click.ClickException(
            "Le parc, l'assiette et les attributions ne sont pas nuls : une conversion divise par eux."
        )
    found: dict[str, Figure] = {}
    if reserves is not None and parc is not None:
        found["A. Poids du stock"] = by_stock_weight(reserves, parc)
    if rights is not None and years is not None and attributions is not None:
        found["B. Droits uniques"] = by_single_rights(rights, years, attributions)
    if reserves is not None and rotation is not None and assiette is not None:
        found["C. Droits de suite et rotation"] = by_rotation(reserves, rotation, assiette)
    if not found:
        raise click.ClickException("Donnez --reserves et --parc ; ou --droits-uniques, --duree et --attributions ; ou --reserves, --rotation et --assiette.")  # fmt: skip
    gap = None
    if reserves is not None and parc is not None and rotation is not None and assiette is not None:
        gap = compared(reserves, parc, rotation, assiette)
    if format_ == "json":
        out: dict[str, object] = {name: plain(f) for name, f in found.items()}
        if gap is not None:
            out["écart en logements par an"] = str(gap.gap)
        click.echo(json.dumps(out, ensure_ascii=False, indent=2))
        return 0
    for name, figure in found.items():
        click.echo(f"{name} : {figure.shown}")
        click.echo("\n".join(f"  {line}" for line in explained(figure).split("\n")[1:]))
        if figure.value is not None and figure.value > 1:
            click.echo("  Cette part dépasse 100 % : les droits sont plus nombreux que les logements.")
    if gap is not None:
        click.echo(f"A donne {show_number(gap.weight_volume, 2)} logements par an, C {show_number(gap.weight_volume + gap.gap, 2)} : "
                   f"{show_number(gap.gap, 2)} d'écart.")  # fmt: skip
        click.echo(
            "Par A, tous les réservataires portent les soustractions ; par C, le bailleur seul. La convention doit le dire."
        )
    return 0
