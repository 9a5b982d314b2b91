"""What the acts of ``flux`` share: reading a folder of documents and its tables, choosing a year."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from fluxrules.commands.flux_reading import NothingDoneError, documents_of, journal_of, needed, tables_of
from fluxrules.commands.shared import FINDINGS, show
from fluxrules.diagnostics.diagnostic import Bag, Cell, Severity

if TYPE_CHECKING:
    from fluxrules.data.flux.tables import FluxTables
    from fluxrules.flux.bilan.outside_qpv import Floor
    from fluxrules.flux.ledger import Entry
    from fluxrules.flux.repartition import Cap
    from fluxrules.model.flux.folder import Dossier
    from fluxrules.model.flux.year import FluxYear

F = TypeVar("F", bound=Callable[..., Any])
_NAMES = 12


def year_options(f: F) -> F:
    """``--annee`` and ``--bailleur``."""
    for option in (
        click.option("--bailleur", default=None, help="SIREN ou nom d'un bailleur (tous par défaut)."),
        click.option("--annee", type=int, required=True, help="Année du flux."),
    ):
        f = option(f)
    return f


@contextmanager
def aloud(format_: str) -> Iterator[None]:
    """What stops an act is said, and the process ends with its code."""
    try:
        yield
    except NothingDoneError as stop:
        show(stop.diagnostics, format_) if stop.diagnostics else None
        click.echo(stop.said, err=True) if stop.said else None
        raise click.exceptions.Exit(stop.code) from stop


def load_dossier(path: Path, format_: str) -> Dossier:
    """The documents of a folder; prints the diagnostics, and exits when one has an error."""
    with aloud(format_):
        dossier, found = documents_of(path)
    show(found, format_) if found else None
    return dossier


def load_flux_tables(path: Path, format_: str, years: tuple[int, ...] = ()) -> FluxTables | None:
    """The tables of a folder, ``None`` where it has none. Rows left out are counted aloud; exits when a file cannot be read."""
    with aloud(format_):
        tables, found = tables_of(path, years)
    show(found, format_) if found else None
    return tables


def tables_needed(tables: FluxTables | None) -> FluxTables:
    """Exits without the tables of an act that counts dwellings one by one."""
    with aloud("texte"):
        return needed(tables)


def load_journal(path: Path | None, dossier: Dossier, tables: FluxTables, format_: str) -> tuple[Entry, ...]:
    """The lines of the file, or of the table « journal » of the folder; exits when the journal cannot be trusted."""
    with aloud(format_):
        return journal_of(path, dossier, tables)


def years_of(dossier: Dossier, path: Path, annee: int, bailleur: str | None, format_: str) -> list[FluxYear]:
    """The fluxes of a year, by name; a message and an exit where there is none."""
    found = asked_years(dossier, annee, bailleur)
    if not found:
        no_year(known_years(dossier), path, annee, bailleur, format_)
    return found


def asked_years(dossier: Dossier, annee: int, bailleur: str | None) -> list[FluxYear]:
    """The fluxes of a year, and of one bailleur by its SIREN or its name, by name."""
    found = [
        y for y in dossier.years
        if y.year == annee and (bailleur is None or bailleur in (y.bailleur.code, y.bailleur.name))
    ]  # fmt: skip
    return sorted(found, key=lambda y: y.name)


def known_years(dossier: Dossier) -> frozenset[tuple[int, str]]:
    """The years and bailleurs of a folder."""
    return frozenset((y.year, y.bailleur.name) for y in dossier.years)


def no_year(known: Collection[tuple[int, str]], path: Path, annee: int, bailleur: str | None, format_: str) -> NoReturn:
    """Says that no flux was asked for that exists, and exits."""
    bag = Bag()
    whose = f" de « {bailleur} »" if bailleur else ""
    years, names = sorted({str(y) for y, _ in known}), sorted({n for _, n in known})
    shown = [*names[:_NAMES], f"et {len(names) - _NAMES} autres"] if len(names) > _NAMES else names
    told = f"Années écrites : {', '.join(years)} ; bailleurs : {', '.join(shown)}."
    bag.add("FX8203", f"Aucun flux {annee}{whose} n'est dans ce dossier.", Cell(str(path)),
            told if known else "Ajoutez un document « flux: … ».")  # fmt: skip
    show(bag.items, format_)
    raise click.exceptions.Exit(FINDINGS)


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


def floor_outside_qpv(year: int) -> Floor | None:
    """The floor of the law on the State's part outside QPV, on the last day of a year."""
    from datetime import date

    from fluxrules.flux.bilan.outside_qpv import Floor
    from fluxrules.law.load import standard_code

    rule = standard_code().at(date(year, 12, 31)).get("FLUX-PREF-HQPV")
    return Floor(rule.share(), rule.article) if rule is not None else None


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
