"""What the acts of ``flux`` share: reading a folder of documents and its tables, choosing a year."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from fluxrules.commands.shared import FINDINGS, USAGE, show
from fluxrules.diagnostics.diagnostic import Bag, Cell, Severity

if TYPE_CHECKING:
    from fluxrules.data.flux.tables import FluxTables
    from fluxrules.flux.repartition import Cap
    from fluxrules.model.flux.folder import Dossier
    from fluxrules.model.flux.year import FluxYear

F = TypeVar("F", bound=Callable[..., Any])


def year_options(f: F) -> F:
    """``--annee`` and ``--bailleur``."""
    for option in (
        click.option("--bailleur", default=None, help="SIREN ou nom d'un bailleur (tous par défaut)."),
        click.option("--annee", type=int, required=True, help="Année du flux."),
    ):
        f = option(f)
    return f


def load_dossier(path: Path, format_: str) -> Dossier:
    """The documents of a folder; prints the diagnostics, and exits when one has an error: nothing is computed on half a folder."""
    from fluxrules.model.flux.folder import flux_files, read_dossier

    bag = Bag()
    dossier = read_dossier(flux_files(path), bag)
    show(bag.sorted(), format_) if bag.items else None
    if any(d.code == "FX0001" for d in bag.items):
        raise click.exceptions.Exit(USAGE)
    if not dossier.complete or bag.has_errors:
        click.echo("Des documents ont des erreurs : rien n'a été calculé.", err=True)
        raise click.exceptions.Exit(FINDINGS)
    return dossier


def load_flux_tables(path: Path, format_: str, years: tuple[int, ...] = ()) -> FluxTables | None:
    """The tables of a folder; ``None`` where it has none (the documents then state their numbers). Rows left out are counted aloud; exits when
    a file cannot be read. ``years``: those that must have libérations (FX8314)."""
    from fluxrules.data.flux.folders import data_folders
    from fluxrules.data.flux.read import read_flux_tables

    folders = data_folders(path)
    if not folders:
        return None
    if len(folders) > 1:
        raise click.ClickException(
            f"« {path} » contient {len(folders)} dossiers de tables : donnez celui d'un département."
        )
    reading = read_flux_tables(folders[0], years=years)
    show(reading.diagnostics, format_) if reading.diagnostics else None
    if reading.tables is None:
        click.echo("Des tables ne peuvent pas être lues : rien n'a été calculé.", err=True)
        raise click.exceptions.Exit(USAGE)
    return reading.tables


def years_of(dossier: Dossier, path: Path, annee: int, bailleur: str | None, format_: str) -> list[FluxYear]:
    """The fluxes of a year, by name; a message and an exit where there is none."""
    found = [
        y for y in dossier.years
        if y.year == annee and (bailleur is None or bailleur in (y.bailleur.code, y.bailleur.name))
    ]  # fmt: skip
    if not found:
        bag = Bag()
        known = sorted({str(y.year) for y in dossier.years})
        whose = f" de « {bailleur} »" if bailleur else ""
        names = sorted({y.bailleur.name for y in dossier.years})
        told = f"Années écrites : {', '.join(known)} ; bailleurs : {', '.join(names)}."
        bag.add("FX8203", f"Aucun flux {annee}{whose} n'est dans ce dossier.", Cell(str(path)),
                told if known else "Ajoutez un document « flux: … ».")  # fmt: skip
        show(bag.items, format_)
        raise click.exceptions.Exit(FINDINGS)
    return sorted(found, key=lambda y: y.name)


@dataclass(frozen=True)
class Opened:
    """What an act on a year starts from."""

    documents: Dossier
    tables: FluxTables | None
    years: list[FluxYear]


def opened(path: Path, annee: int, bailleur: str | None, format_: str) -> Opened:
    """The documents and tables of a folder, and the fluxes asked for; exits when something cannot be read."""
    documents, tables = load_dossier(path, format_), load_flux_tables(path, format_)
    return Opened(documents, tables, years_of(documents, path, annee, bailleur, format_))


def told(out: list[dict[str, object]], bag: Bag, format_: str) -> int:
    """Ends an act: what it gives in json, then what must be said of it."""
    if format_ == "json":
        click.echo(json.dumps(out, ensure_ascii=False, indent=2))
    show(bag.sorted(), format_) if bag.items else None
    return exit_of(bag, strict=False)


def exit_of(bag: Bag, strict: bool) -> int:
    worst = max((d.severity for d in bag.items), default=None)
    return FINDINGS if worst is Severity.ERREUR or (strict and worst is Severity.AVERTISSEMENT) else 0


def legal_caps(year: FluxYear, dossier: Dossier) -> list[Cap]:
    """The ceilings of the law on the first day of the year, on the parties that they bind: the State, and the guarantors together."""
    from datetime import date

    from fluxrules.flux.repartition import Cap
    from fluxrules.flux.year_shares import conventions_of
    from fluxrules.law.load import standard_code
    from fluxrules.model.flux.values import LOCAL
    from fluxrules.model.flux.versions import terms_at

    day = date(year.year, 1, 1)
    law = standard_code().at(day)
    own = conventions_of(year, dossier)
    state = tuple(c.reservataire.code for c in own if c.reservataire.kind == "état")
    guarantors = tuple(
        c.reservataire.code for c in own
        if c.reservataire.kind in LOCAL
        and all(r.counterpart == "garantie d'emprunt" for r in terms_at(c, max(day, c.since)).reservations)
    )  # fmt: skip
    found = []
    for rule_id, codes in (("FLUX-PREF-MAX", state), ("FLUX-COLL-20", guarantors)):
        rule = law.get(rule_id)
        if rule is not None and codes:
            found.append(Cap(codes, rule.share(), f"{rule.article} : {rule.share() * 100} % au plus"))
    return found
