"""What each right of a convention is worth on a day: a share of the flux of its scale, and dwellings a year.

A right written as a number carries its base. On the assiette it is a share of it; on attributions its balance is kept in rights
(10 rights of 100 attributions are not 8 dwellings of a net assiette of 80).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from fluxrules.flux.assiette import Assiette
from fluxrules.flux.by_commune import factors, volume
from fluxrules.flux.conversion import converted
from fluxrules.flux.extinction import runs
from fluxrules.flux.figures import Figure
from fluxrules.flux.territory import communes_of
from fluxrules.model.flux.values import Convention, Reservation, Share
from fluxrules.model.flux.versions import terms_at

_NOTHING: Mapping[str, date | None] = {}


@dataclass(frozen=True)
class Bases:
    """What numbers of rights are shares of: the assiette and the attributions of the scale; ``None`` where not known."""

    assiette: Fraction | None = None
    attributions: Fraction | None = None


@dataclass(frozen=True)
class Right:
    """A reservation on a day. ``share``: of the flux of the scale, exact, ``None`` inside where its base is not known; ``yearly``: dwellings
    (or rights, where ``in_rights``) a year."""

    convention: Convention
    reservation: Reservation
    share: Figure
    yearly: Figure
    in_rights: bool = False


def written_share(share: Share, day: date) -> Fraction | None:
    """The share that the text itself gives on a day, exact: what the law is held against. ``None`` for a number of dwellings or rights."""
    if share.steps:
        past = [value for since, value in share.steps if since <= day]
        return past[-1] if past else Fraction(0)
    if share.kind == "part":
        return share.value
    return converted(share).value if share.inputs else None


def share_of(share: Share, day: date, bases: Bases) -> Figure:
    """The share of the flux, with how it was worked out."""
    written = written_share(share, day)
    if share.inputs:
        return converted(share)
    if written is not None:
        return Figure("part", written, "%", source=f"écrite : {share.said}")
    yearly = _yearly_number(share)
    base = bases.attributions if share.base == "attributions" else bases.assiette
    below = Figure(share.base, base, "logements", source="" if base is not None else "non connue")
    value = None if not base else yearly.known / base
    return Figure("part", value, "%", f"{yearly.name} / {share.base}", (yearly, below))


def _yearly_number(share: Share) -> Figure:
    if not (share.kind == "droits uniques" and share.years):
        return Figure("logements par an", share.value, source=f"écrit : {share.said}")
    left = share.left
    if left is not None and left.rights is not None and left.years:
        inputs = (
            Figure("droits restants", left.rights, "droits", source=left.source),
            Figure("années restantes", left.years, "ans"),
        )
        return Figure("droits par an", left.rights / left.years, "droits", "droits restants / années restantes", inputs)
    inputs = (Figure("droits uniques", share.value, "droits"), Figure("durée", Fraction(share.years), "ans"))
    source = f"tels qu'ils sont écrits : {left.source}" if left is not None else ""
    return Figure("droits par an", share.value / share.years, "droits", "droits uniques / durée", inputs, source)


def rights_of(
    convention: Convention, day: date, assiette: Assiette | None, attributions: Fraction | None = None,
    repaid: Mapping[str, date | None] = _NOTHING,
) -> tuple[Right, ...]:  # fmt: skip
    """The rights of a convention that run on a day, with their volume on the assiette of its scale."""
    amount = assiette.on(_narrowed(convention, assiette)) if assiette is not None else None
    terms, bases = terms_at(convention, day), Bases(amount, attributions)
    running = [(r, share_of(r.share, day, bases)) for r in terms.reservations if runs(r, day, repaid)]
    own_rates = factors(convention, terms, _together(share for _, share in running))
    found = []
    for right, share in running:
        numbered = right.share.numbered
        in_rights = numbered and right.share.base == "attributions"
        base = Figure(
            "assiette du territoire", amount, source="" if amount is not None else "non connue sur ce territoire"
        )
        if numbered:
            yearly = _yearly_number(right.share)
        else:
            known = assiette is not None and amount is not None and share.value is not None
            value = volume(share.known, base.known, own_rates, assiette) if known and assiette is not None else None
            formula = "part × assiette du territoire" + (", chaque commune à sa part" if own_rates != {} else "")
            yearly = Figure("volume", value, "logements", formula, (share, base))
        found.append(Right(convention, right, share, yearly, in_rights))
    return tuple(found)


def _together(shares: Iterable[Figure]) -> Fraction | None:
    values = [s.value for s in shares]
    known = [v for v in values if v is not None]
    return sum(known, Fraction(0)) if len(known) == len(values) else None


def _narrowed(convention: Convention, assiette: Assiette) -> frozenset[str] | None:
    """The communes of a local convention; none for a scale that holds all the cells (the total is then exact)."""
    places = communes_of(convention.scale)
    held = {c.commune for c in assiette.cells}
    return (
        None
        if convention.scale.kind in ("département", "région") and (None in held or held <= places or not held)
        else places
    )
