"""A dossier against the law of a day: each document, then all of them together, with what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from fluxrules.diagnostics.diagnostic import Bag, Diagnostic, Severity
from fluxrules.language.numbers import show_date
from fluxrules.law.case import Found
from fluxrules.law.flux.by_default import ByDefault, by_default, said
from fluxrules.law.flux.case import Case, moments
from fluxrules.law.flux.checks import ONE_BY_ONE
from fluxrules.law.flux.context import IN_FORCE, PROJECT, WHOLE, Context
from fluxrules.law.flux.group import groups
from fluxrules.law.flux.objectives import check_orientations
from fluxrules.law.flux.reach import check_reach
from fluxrules.law.flux.sums import check_guarantors, check_whole
from fluxrules.law.flux.unique import check_state_among, check_unique
from fluxrules.law.flux.years import check_one_base, check_year
from fluxrules.law.judge import diagnostic_of
from fluxrules.law.load import standard_code
from fluxrules.law.rules import Code, Law
from fluxrules.model.flux.folder import Dossier
from fluxrules.model.flux.orientations import Orientations
from fluxrules.model.flux.values import Convention, Scale
from fluxrules.model.flux.versions import as_if_signed
from fluxrules.model.flux.year import FluxYear
from fluxrules.text.source import Span

if TYPE_CHECKING:
    from fluxrules.data.flux.tables import FluxTables

Document = Convention | FluxYear | Orientations


@dataclass(frozen=True)
class FluxVerdict:
    """``refused``: the conventions in force that break a rule that blocks, each with the rule. ``by_default``: what the prefect exercises for
    réservataires without a convention, apart from his own share."""

    day: date
    law: Law
    diagnostics: tuple[Diagnostic, ...]
    refused: tuple[tuple[str, str], ...] = ()
    by_default: tuple[ByDefault, ...] = ()


def judge_dossier(
    dossier: Dossier, day: date, tables: FluxTables | None = None, code: Code | None = None
) -> FluxVerdict:
    """Hold the documents without error against the law; each on ``day`` brought inside its validity, then on the later days when it changes."""
    drafts = _drafts(dossier)
    context = Context(
        replace(dossier, conventions=(*dossier.conventions, *drafts)), day, code or standard_code(), tables
    )
    bag = Bag()
    refused: list[tuple[str, str]] = []
    seen: set[tuple[str, str, Span]] = set()
    for document, on, found in _all(context):
        key = (found.code, found.message, found.where)
        if key in seen and any(document is d for d in drafts):
            continue  # its convention has it already
        seen.add(key)
        law = context.law(on)
        whole = not isinstance(document, Convention) or document.nature in WHOLE
        diagnostic = diagnostic_of(found, law, whole=whole)
        if diagnostic is None:
            continue
        bag.items.append(diagnostic)
        if diagnostic.severity is Severity.ERREUR and isinstance(document, Convention) and document.nature == IN_FORCE:
            refused.append((document.name, found.rule))
    buckets = by_default(context)
    bag.items += said(context, buckets)
    return FluxVerdict(day, context.law(day), tuple(bag.sorted()), tuple(dict.fromkeys(refused)), buckets)


def _drafts(dossier: Dossier) -> tuple[Convention, ...]:
    """The conventions as their unsigned avenants would make them: projects in the place of what is in force, unless a project is there already."""
    projects = {_parties(c) for c in dossier.conventions if c.nature == PROJECT}
    return tuple(
        replace(as_if_signed(c), nature=PROJECT)
        for c in dossier.conventions
        if c.nature == IN_FORCE and not all(a.fully_signed for a in c.amendments) and _parties(c) not in projects
    )


def _parties(convention: Convention) -> tuple[str, str, Scale]:
    return convention.bailleur.code, convention.reservataire.code, convention.scale


def _all(context: Context) -> Iterator[tuple[Document, date, Found]]:
    for convention in context.dossier.conventions:
        for on, found in _one(convention, context):
            yield convention, on, found
    law = context.law(context.day)
    for year in context.dossier.years:
        for found in check_year(year, law, context):
            yield year, context.day, found
    for flux, found in check_one_base(context):
        yield flux, context.day, found
    for document in context.dossier.orientations:
        for found in (*check_orientations(document, law, context), *check_reach(document, context)):
            yield document, context.day, found
    yield from _together(context)


def _one(convention: Convention, context: Context) -> Iterator[tuple[date, Found]]:
    """What is found on a later day is said with that day, unless it was found before."""
    seen: set[tuple[str, int]] = set()
    first = None
    for day in moments(convention, context.day):
        first = first or day
        case = Case(convention, day, context)
        for check in ONE_BY_ONE:
            for found in check(case):
                key = (found.code, found.where.start if day == first else 0)
                if day == first:
                    seen |= {key, (found.code, 0)}
                    yield day, found
                elif key not in seen:
                    seen.add(key)
                    yield day, _from(found, day)


def _together(context: Context) -> Iterator[tuple[Document, date, Found]]:
    for convention, found in check_unique(context):
        yield convention, context.day, found
    seen: set[tuple[str, str, str, str]] = set()
    for group in groups(context):
        for convention, found in (*check_state_among(group), *check_guarantors(group), *check_whole(group)):
            key = (group.bailleur, group.departement, found.code, convention.nature)
            if key not in seen:
                seen.add(key)
                yield convention, group.day, found if group.day == context.day else _from(found, group.day)


def _from(found: Found, day: date) -> Found:
    return replace(found, message=f"À partir du {show_date(day)} : {found.message[:1].lower()}{found.message[1:]}")
