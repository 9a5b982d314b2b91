"""``fluxrules flux simuler``: what a change of rotation, subtraction or share does to every réservataire, before it is negotiated."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fluxrules.commands.flux_shared import legal_caps, opened, told, year_options
from fluxrules.commands.shared import format_option
from fluxrules.diagnostics.diagnostic import Bag, Diagnostic, Severity
from fluxrules.language.numbers import read_quantity, show_number

if TYPE_CHECKING:
    from fluxrules.data.flux.tables import FluxTables
    from fluxrules.flux.figures import Figure
    from fluxrules.model.flux.folder import Dossier
    from fluxrules.model.flux.year import FluxYear


class _Share(click.ParamType[Fraction]):
    name = "30 %"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Fraction:
        read = read_quantity(str(value))
        if read is None or read[1] != "%" or not 0 <= read[0] <= 100:
            self.fail(f"« {value} » n'est pas une part ; écrivez 7,5 %.", param, ctx)
        return read[0] / 100


def _pairs(texts: tuple[str, ...], what: str, *, percent: bool) -> dict[str, Fraction]:
    found = {}
    for text in texts:
        name, sign, amount = text.partition("=")
        read = read_quantity(amount)
        if not sign or read is None or (read[1] == "%") != percent or read[1] not in (None, "%") or read[0] < 0:
            form = "grand-reims=15 %" if percent else "mutations internes=20"
            raise click.ClickException(f"{what} : « {text} » n'est pas compris ; écrivez « {form} ».")
        found[name.strip()] = read[0] / 100 if percent else read[0]
    return found


def _illegal(changed: Dossier, year: FluxYear, documents: Dossier, tables: FluxTables | None) -> list[Diagnostic]:
    """What the law would refuse of the shares simulated, and does not refuse of those written."""
    from datetime import date

    from fluxrules.law.flux import judge_dossier

    day = date(year.year, 1, 1)
    before = {(d.code, d.message) for d in judge_dossier(documents, day, tables).diagnostics}
    found = judge_dossier(changed, day, tables).diagnostics
    return [d for d in found if d.severity is Severity.ERREUR and (d.code, d.message) not in before]


def _exact(figure: Figure | None) -> str | None:
    """Exact; ``None`` where there is nothing, or where it is not known."""
    return None if figure is None or figure.value is None else str(figure.value)


def _signed(value: Fraction) -> str:
    shown = show_number(value, 2)
    return shown if value <= 0 else f"≈ +{shown[2:]}" if shown.startswith("≈ ") else f"+{shown}"


@click.command("simuler")
@click.argument("dossier", type=click.Path(path_type=Path))
@year_options
@click.option("--rotation", type=_Share(), default=None, help="Une rotation pour tout le parc : « 7,5 % ».")
@click.option("--soustraction", "subtractions", multiple=True, help="« mutations internes=20 ». Peut se répéter.")
@click.option("--part", "shares", multiple=True, help="« grand-reims=15 % ». Peut se répéter.")
@click.option(
    "--avec-projets",
    "drafts",
    is_flag=True,
    help="Compte aussi les conventions en projet, comme si elles étaient signées.",
)
@click.option("--explain", "explain", is_flag=True, help="Dit d'où vient chaque nombre, avant et après.")
@format_option
def command(
    dossier: Path, annee: int, bailleur: str | None, rotation: Fraction | None, subtractions: tuple[str, ...],
    shares: tuple[str, ...], drafts: bool, explain: bool, format_: str,
) -> int:  # fmt: skip
    """Compare ce qui revient à chacun, avant et après un changement."""
    from fluxrules.flux.assiette import forecast
    from fluxrules.flux.figures import explained, plain
    from fluxrules.flux.of_year import repayments, seen_of
    from fluxrules.flux.simulate import Changes, changed_dossier, changed_year, effects
    from fluxrules.flux.single_rights import dossier_left
    from fluxrules.flux.year_shares import due

    changes = Changes(
        rotation, _pairs(subtractions, "--soustraction", percent=False), _pairs(shares, "--part", percent=True)
    )
    if changes == Changes() and not drafts:
        raise click.ClickException("Rien à simuler : donnez --rotation, --soustraction, --part ou --avec-projets.")
    # Alone, the drafts are the change; with another change, they are there before it and after it.
    drafted = drafts and changes != Changes()
    given = opened(dossier, annee, bailleur, format_)
    documents, tables = given.documents, given.tables
    bag = Bag()
    out: list[dict[str, object]] = []
    for year in given.years:
        changed, other = changed_year(year, changes, bag), changed_dossier(documents, year, changes, bag, drafts=drafts)
        if bag.has_errors:
            break
        caps, repaid = legal_caps(year, documents), repayments(tables)
        now = forecast(year, seen_of(year, tables, documents.conventions), bag)
        then = forecast(changed, seen_of(changed, tables, documents.conventions), bag)
        left = dossier_left(year, documents, tables), dossier_left(year, other, tables)
        found = effects(
            due(year, left[0], now, bag, caps, repaid, drafts=drafted),
            due(changed, left[1], then, bag, caps, repaid, drafts=drafts),
        )
        bag.items += _illegal(other, year, documents, tables)
        if format_ == "json":
            out.append({"flux": year.name, "assiette": [_exact(now.total), _exact(then.total)], "effets": [
                {"réservataire": e.code, "nom": e.name, "avant": _exact(e.before.yearly if e.before else None), "après": _exact(e.after.yearly if e.after else None),
                 "écart": None if e.gap is None else str(e.gap), "logements": [d.dwellings if d else None for d in (e.before, e.after)],
                 "calcul": plain(e.after.yearly) if e.after else None} for e in found]})  # fmt: skip
            continue
        click.echo(f"{year.name} : assiette {now.total.shown} → {then.total.shown}")
        for e in found:
            before, after = (d.yearly.shown if d else "—" for d in (e.before, e.after))
            gap = "" if e.gap is None else f"{_signed(e.gap)} par an"
            whole = (
                f"  ({e.before.dwellings} → {e.after.dwellings})"
                if e.before and e.after and e.after.dwellings is not None
                else ""
            )
            click.echo(f"  {e.name:<45} {before:>22} → {after:>22}   {gap}{whole}")
            for when, d in (("avant", e.before), ("après", e.after)) if explain else ():
                if d is not None:
                    click.echo("\n".join(f"      {x}" for x in (when, *explained(d.yearly).split("\n"))))
    return told(out, bag, format_)
