"""Réservataires that hold rights and have no convention: their flux goes to the prefect, apart, and is not in his ceiling (TRAP-06)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from fluxrules.diagnostics.diagnostic import Cell, Diagnostic, Severity
from fluxrules.law.case import Found
from fluxrules.law.flux.context import IN_FORCE, Context
from fluxrules.law.judge import diagnostic_of
from fluxrules.text.source import Source

_EXEMPT = ("DEF", "SI", "EPS")
_STATE = "ETAT"


@dataclass(frozen=True)
class ByDefault:
    """``lasting`` dwellings and ``single`` rights of a réservataire, exercised by the prefect « par défaut »."""

    reservataire: str
    lasting: int | None
    single: int | None


def by_default(context: Context) -> tuple[ByDefault, ...]:
    """From the table of rights; nothing where it was not given."""
    tables = context.tables
    if tables is None or tables.droits is None or context.law(context.day).get("FLUX-NOCONV-PREF") is None:
        return ()
    from fluxrules.flux.inventory import held, running

    signed = {
        c.reservataire.code for c in context.dossier.conventions
        if c.nature == IN_FORCE and c.fully_signed and c.applies(context.day)
    }  # fmt: skip
    spared = set(signed)
    if tables.reservataires is not None:
        kinds = tables.reservataires.select("code", "type_reservataire").iter_rows()
        spared |= {code for code, kind in kinds if kind in (*_EXEMPT, _STATE)}
    found: dict[str, tuple[int | None, int | None]] = {}
    for line in held(running(tables.droits, context.day, context.repaid)):
        if line.reservataire not in spared and line.reservataire != "bailleur":
            lasting, single = found.get(line.reservataire, (0, 0))
            found[line.reservataire] = _sum(lasting, line.lasting), _sum(single, line.single)
    return tuple(ByDefault(code, *sums) for code, sums in sorted(found.items()))


def _sum(a: int | None, b: int | None) -> int | None:
    return None if a is None or b is None else a + b


def _many(number: int | None) -> str:
    return "un nombre inconnu de" if number is None else str(number)


def said(context: Context, buckets: tuple[ByDefault, ...]) -> Iterator[Diagnostic]:
    """A warning each: what becomes of these rights is for people to settle."""
    law = context.law(context.day)
    for bucket in buckets:
        found = Found("FLUX-NOCONV-PREF", "FX8134",
                      f"« {bucket.reservataire} » a {_many(bucket.lasting)} logements réservés et {_many(bucket.single)} droits uniques, et aucune convention signée : le préfet les exerce, à part de ses propres droits.",
                      Source("droits", "").span(0, 0), "Signez une convention ; d'ici là, tenez ce flux à part, hors du plafond du préfet.", most=Severity.AVERTISSEMENT)  # fmt: skip
        diagnostic = diagnostic_of(found, law, whole=True)
        if diagnostic is not None:
            yield replace(diagnostic, where=Cell("droits", None, "reservataire"))
