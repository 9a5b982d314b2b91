"""``fluxrules flux repartir``: the dwellings of a year between réservataires, in whole numbers."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fluxrules.commands.flux_shared import legal_caps, opened, told, year_options
from fluxrules.commands.shared import format_option
from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.language.numbers import show_number

if TYPE_CHECKING:
    from fluxrules.data.flux.tables import FluxTables
    from fluxrules.model.flux.folder import Dossier
    from fluxrules.model.flux.year import FluxYear


@click.command("repartir")
@click.argument("dossier", type=click.Path(path_type=Path))
@year_options
@click.option(
    "--soldes", "carried", is_flag=True, help="Compte les soldes que les conventions reportent de l'année d'avant."
)
@click.option("--explain", "explain", is_flag=True, help="Dit d'où vient chaque part.")
@format_option
def command(dossier: Path, annee: int, bailleur: str | None, carried: bool, explain: bool, format_: str) -> int:
    """Partage l'assiette prévisionnelle d'une année, en logements entiers."""
    from fluxrules.flux.assiette import forecast
    from fluxrules.flux.divided import divided
    from fluxrules.flux.figures import explained, plain
    from fluxrules.flux.of_year import repayments, seen_of
    from fluxrules.flux.single_rights import dossier_left
    from fluxrules.flux.year_shares import conventions_of, due

    given = opened(dossier, annee, bailleur, format_)
    documents, tables = given.documents, given.tables
    bag = Bag()
    out: list[dict[str, object]] = []
    for year in given.years:
        assiette = forecast(year, seen_of(year, tables, documents.conventions), bag)
        balances = _carried(year, documents, tables, dossier, format_) if carried else {}
        told_ = dossier_left(year, documents, tables)
        shared = due(year, told_, assiette, bag, legal_caps(year, documents), repayments(tables), balances)
        parts = {c.reservataire.code: c.parts for c in conventions_of(year, documents) if c.parts}
        if format_ == "json":
            out.append({"flux": year.name, "assiette": plain(assiette.total), "parts": [
                {"réservataire": d.code, "nom": d.name, "part du flux": plain(d.share), "volume": plain(d.yearly), "logements": d.dwellings,
                 "un logement tous les (ans)": None if d.every is None else str(d.every), "plafond": d.capped or None,
                 "solde reporté": str(balances[d.code]) if d.code in balances else None,
                 "se divise en": [{"code": p.part.code, "nom": p.part.name, "volume": None if p.due is None else str(p.due), "logements": p.dwellings}
                                  for p in divided(parts.get(d.code, ()), d.yearly.value, d.dwellings, year.year)]}
                for d in shared]})  # fmt: skip
            continue
        click.echo(f"{year.name} : {assiette.total.shown} à partager")
        for d in shared:
            whole = "" if d.dwellings is None else str(d.dwellings)
            every = f"  (un tous les {show_number(d.every, 0)} ans environ)" if d.every else ""
            capped = f"  ({d.capped})" if d.capped else ""
            past = f"  (solde reporté : {show_number(balances[d.code], 2)})" if balances.get(d.code) else ""
            click.echo(f"  {d.name:<45} {d.share.shown:>10} {d.yearly.shown:>24} {whole:>5}{every}{capped}{past}")
            for p in divided(parts.get(d.code, ()), d.yearly.value, d.dwellings, year.year):
                shown = "inconnu" if p.due is None else show_number(p.due, 2)
                click.echo(
                    f"    dont {p.part.name or p.part.code:<38} {show_number(p.part.share * 100, 2) + ' %':>10} {shown:>24} {'' if p.dwellings is None else p.dwellings:>5}"
                )
            if explain:
                click.echo("\n".join(f"      {x}" for x in explained(d.yearly).split("\n")))
    return told(out, bag, format_)


def _carried(
    year: FluxYear, documents: Dossier, tables: FluxTables | None, dossier: Path, format_: str
) -> dict[str, Fraction]:
    """What the conventions carry from the year before, by réservataire; the bailleur gives it back: the year of the others does not shrink."""
    from fluxrules.commands.flux_shared import load_journal, tables_needed
    from fluxrules.flux.orientation.situation import situation

    given = tables_needed(tables)
    start = situation(
        year, documents, given, load_journal(None, documents, given, format_), date(year.year, 1, 1), Bag()
    ).world.start
    found: dict[str, Fraction] = {}
    for (code, _), amount in start.opening.items():
        found[code] = found.get(code, Fraction(0)) + amount
    return found
