"""What a change would do before it is negotiated: a rotation, a subtraction, a share; the effect on every réservataire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from fluxrules.diagnostics.diagnostic import Bag, Cell
from fluxrules.flux.year_shares import Due, conventions_of
from fluxrules.model.flux.folder import Dossier
from fluxrules.model.flux.values import Convention, Reservation, Share, Terms
from fluxrules.model.flux.year import SUBTRACTIONS, Estimate, FluxYear
from fluxrules.text.near import nearest


@dataclass(frozen=True)
class Changes:
    """``rate``: a rotation for every segment; ``subtractions``: numbers of dwellings by kind; ``shares``: shares of the flux by réservataire
    (of its first reservation, the others stay)."""

    rate: Fraction | None = None
    subtractions: Mapping[str, Fraction] = field(default_factory=dict)
    shares: Mapping[str, Fraction] = field(default_factory=dict)


@dataclass(frozen=True)
class Effect:
    """One réservataire, as written and as simulated: exact yearly volumes, and whole dwellings where they can be shared."""

    code: str
    name: str
    before: Due | None
    after: Due | None

    @property
    def gap(self) -> Fraction | None:
        """Dwellings a year gained (or lost)."""
        if (
            self.before is None
            or self.after is None
            or self.before.yearly.value is None
            or self.after.yearly.value is None
        ):
            return None
        return self.after.yearly.value - self.before.yearly.value


def changed_year(year: FluxYear, changes: Changes, bag: Bag) -> FluxYear:
    """The year with its numbers changed. FX8206: a subtraction of no known name."""
    subtractions = dict(year.subtractions)
    for name, value in changes.subtractions.items():
        if name not in SUBTRACTIONS:
            near = nearest(name, SUBTRACTIONS)
            bag.add("FX8206", f"Aucune soustraction ne s'appelle « {name} ».", Cell("--soustraction"),
                    f"Vouliez-vous écrire « {near} » ?" if near else f"Elles sont : {', '.join(SUBTRACTIONS)}.")  # fmt: skip
            continue
        subtractions[name] = replace(subtractions[name], kind="nombre", value=value, source="simulé")
    if changes.rate is None:
        return replace(year, subtractions=subtractions)
    segments = tuple(replace(s, rate=changes.rate) if s.stock is not None else s for s in year.segments)
    return replace(year, subtractions=subtractions, rate=changes.rate, segments=segments, releases=Estimate())


def changed_dossier(dossier: Dossier, year: FluxYear, changes: Changes, bag: Bag, *, drafts: bool = False) -> Dossier:
    """The conventions of the bailleur with their shares changed. FX8206: a réservataire that has none, or none that counts."""
    taking = conventions_of(year, dossier, drafts=drafts)
    own = {c.reservataire.code for c in taking if c.fully_signed or (drafts and c.nature == "projet")}
    waiting = {c.reservataire.code for c in dossier.conventions if c.bailleur.code == year.bailleur.code} - own
    for code in changes.shares:
        if code in waiting:
            bag.add("FX8206", f"La convention de « {code} » n'est pas signée, est en projet, ou ne vaut pas en {year.year} : sa part ne change rien.",
                    Cell("--part"), "Ajoutez « --avec-projets », ou les signatures.")  # fmt: skip
        elif code not in own:
            near = nearest(code, own)
            bag.add("FX8206", f"« {code} » n'a pas de convention avec {year.bailleur.name}.", Cell("--part"),
                    f"Vouliez-vous écrire « {near} » ?" if near else "Donnez le code d'un réservataire du dossier.")  # fmt: skip
    return replace(dossier, conventions=tuple(_changed(c, year, changes) for c in dossier.conventions))


def effects(before: tuple[Due, ...], after: tuple[Due, ...]) -> tuple[Effect, ...]:
    """Who wins and who loses, in the order of the conventions."""
    old, new = {d.code: d for d in before}, {d.code: d for d in after}
    names = {d.code: d.name for d in (*before, *after)}
    return tuple(Effect(code, names[code], old.get(code), new.get(code)) for code in names)


def _changed(convention: Convention, year: FluxYear, changes: Changes) -> Convention:
    value = changes.shares.get(convention.reservataire.code)
    if value is None or convention.bailleur.code != year.bailleur.code:
        return convention
    amendments = tuple(replace(a, terms=_with_share(a.terms, value)) for a in convention.amendments)
    return replace(convention, terms=_with_share(convention.terms, value), amendments=amendments)


def _with_share(terms: Terms, value: Fraction) -> Terms:
    if not terms.reservations:
        return terms
    first = terms.reservations[0]
    share = Share("part", value, said="simulée", place=first.share.place)
    return replace(terms, reservations=(_kept(first, share), *terms.reservations[1:]))


def _kept(right: Reservation, share: Share) -> Reservation:
    return replace(right, share=share)
