"""What a year owes to each réservataire of a bailleur: its rights, day after day of the year, then whole dwellings under the caps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.flux.assiette import Assiette
from fluxrules.flux.extinction import last_day
from fluxrules.flux.figures import Figure, total
from fluxrules.flux.parties import BAILLEUR, DEFAULT, DEFAULT_NAME, exercised_by
from fluxrules.flux.repartition import Cap, Claim, allot
from fluxrules.flux.shares import Right, rights_of
from fluxrules.model.flux.folder import Dossier
from fluxrules.model.flux.values import EXEMPT, Convention, Scale
from fluxrules.model.flux.versions import as_if_signed
from fluxrules.model.flux.year import FluxYear

_NOTHING: Mapping[str, date | None] = {}
_ONE = timedelta(days=1)


@dataclass(frozen=True)
class Due:
    """``yearly``: dwellings of the year, exact; ``share``: of the whole flux of the bailleur (so that parties of several scales add up);
    ``dwellings``: whole; ``every``: years between two dwellings when there is less than one a year; ``capped``: the ceiling that bound."""

    code: str
    name: str
    share: Figure
    yearly: Figure
    dwellings: int | None
    every: Fraction | None = None
    capped: str = ""


def conventions_of(year: FluxYear, dossier: Dossier, *, drafts: bool = False) -> tuple[Convention, ...]:
    """The conventions in flux of the bailleur that run some day of the year, in the order of their files. ``drafts``: those in « projet » too,
    each from its first day in the place of the one that it renews, and avenants that are not signed yet.

    One that lacks a signature is among them: the préfet exercises it (``parties.exercised_by``)."""
    first, last = date(year.year, 1, 1), date(year.year, 12, 31)
    every = _renewed(dossier.conventions) if drafts else dossier.conventions
    return tuple(
        c for c in every
        if c.bailleur.code == year.bailleur.code and (drafts or c.nature != "projet") and c.regime != "stock"
        and c.reservataire.kind not in EXEMPT and c.since <= last and (c.last is None or c.last >= first)
    )  # fmt: skip


def _renewed(conventions: Sequence[Convention]) -> tuple[Convention, ...]:
    starts: dict[tuple[str, str, Scale], date] = {}
    for c in conventions:
        if c.nature == "projet":
            key = (c.bailleur.code, c.reservataire.code, c.scale)
            starts[key] = min(c.since, starts.get(key, c.since))

    def until(c: Convention) -> Convention:
        start = starts.get((c.bailleur.code, c.reservataire.code, c.scale))
        over = start is None or c.nature == "projet" or (c.last is not None and c.last < start)
        return c if over or start is None else replace(c, ended=start - _ONE)

    return tuple(as_if_signed(until(c)) for c in conventions)


def periods(convention: Convention, year: int, repaid: Mapping[str, date | None] = _NOTHING) -> list[tuple[date, date]]:
    """The year cut wherever something changes: start, end, avenant, step of a ramp, end of a right. Only the days that the convention covers."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    cuts = {first, last + _ONE, convention.since}
    cuts |= {convention.last + _ONE} if convention.last is not None else set()
    for change in convention.amendments:
        cuts |= {change.since} | ({change.until + _ONE} if change.until is not None else set())
    for right in (r for t in (convention.terms, *(a.terms for a in convention.amendments)) for r in t.reservations):
        cuts |= {day for day, _ in right.share.steps} | ({right.since} if right.since is not None else set())
        if (end := last_day(right, repaid)) is not None:
            cuts.add(end + _ONE)
    days = sorted(c for c in cuts if first <= c <= last + _ONE)
    return [(a, b - _ONE) for a, b in pairwise(days) if convention.applies(a)]


def yearly_of(
    convention: Convention, year: int, assiette: Assiette, attributions: Fraction | None, repaid: Mapping[str, date | None] = _NOTHING
) -> Figure:  # fmt: skip
    """The dwellings of a year, exact. Where terms change in the year, a part bears on what was freed in each period where the days are known,
    and counts for the days of the period otherwise; a number always counts for its days."""
    spans = periods(convention, year, repaid)
    whole = (date(year, 12, 31) - date(year, 1, 1)).days + 1
    parts: list[Figure] = []
    for since, until in spans:
        length = (until - since).days + 1
        if assiette.net is not None and length < whole:
            rights = rights_of(convention, since, assiette.between(since, until), attributions, repaid)
            figures = tuple(
                _of_days(_named(r), length, whole) if r.reservation.share.numbered else _named(r) for r in rights
            )
            parts.append(total(f"du {since:%d/%m/%Y} au {until:%d/%m/%Y}", figures, "libérations de la période"))
            continue
        rights = rights_of(convention, since, assiette, attributions, repaid)
        figures = tuple(_named(r) for r in rights)
        amount = total("volume", figures) if len(figures) != 1 else figures[0]
        if length == whole:
            return Figure(
                f"volume, {convention.name}", amount.value, "logements", amount.formula, amount.inputs, amount.source
            )
        parts.append(_of_days(replace(amount, name=f"du {since:%d/%m/%Y} au {until:%d/%m/%Y}"), length, whole))
    return total(f"volume, {convention.name}", tuple(parts), "somme des périodes de l'année")


def due(
    year: FluxYear, dossier: Dossier, assiette: Assiette, bag: Bag, caps: Sequence[Cap] = (),
    repaid: Mapping[str, date | None] = _NOTHING, balances: Mapping[str, Fraction] = {}, in_whole: bool = True, drafts: bool = False,
) -> tuple[Due, ...]:  # fmt: skip
    """What each réservataire is owed, the bailleur last. ``caps`` name parties by code.
    ``in_whole``: share whole dwellings too, which takes a step for each; without, what is left to the bailleur may be less than nothing.

    FX8204: a volume is not known, and nothing is shared in whole dwellings; FX8205: more is owed than there is.
    """
    found: dict[str, list[Figure]] = {}
    names: dict[str, str] = {BAILLEUR: f"{year.bailleur.name} (non réservé)"}
    for convention in conventions_of(year, dossier, drafts=drafts):
        # A draft is worked out as if it were signed: that is what it is for.
        code = convention.reservataire.code if drafts and convention.nature == "projet" else exercised_by(convention)
        names[code] = DEFAULT_NAME if code == DEFAULT else convention.reservataire.name
        found.setdefault(code, []).append(yearly_of(convention, year.year, assiette, year.attributions.value, repaid))
    volumes = {code: items[0] if len(items) == 1 else total("volume", tuple(items)) for code, items in found.items()}
    base = assiette.total
    unknown = [code for code, v in volumes.items() if v.value is None]
    if base.value is None or unknown:
        what = (
            "L'assiette n'est pas connue"
            if base.value is None
            else f"Le volume de « {names[unknown[0]]} » n'est pas connu"
        )
        bag.add("FX8204", f"{what} pour {year.year} : les logements entiers ne sont pas partagés.", year.place,
                "Demandez le détail avec « --explain », et donnez ce qui manque.")  # fmt: skip
        return tuple(Due(c, names[c], _share(v, base), v, None) for c, v in volumes.items())
    owed = sum((v.known for v in volumes.values()), Fraction(0))
    if owed > base.known:
        bag.add("FX8205", f"Les réservataires ont droit à plus de logements qu'il n'y en a en {year.year}.", year.place,
                "Vérifiez les parts : leur somme dépasse 100 % du flux.")  # fmt: skip
    if owed > base.known and in_whole:
        return tuple(Due(c, names[c], _share(v, base), v, None) for c, v in volumes.items())
    if not in_whole:
        rest = Figure(
            "non réservé",
            base.known - owed,
            "logements",
            "assiette − volumes des réservataires",
            (base, *volumes.values()),
        )
        return tuple(Due(c, names[c], _share(v, base), v, None) for c, v in {**volumes, BAILLEUR: rest}.items())
    whole = int(base.known)
    scale = base.known or Fraction(1)
    claims = [Claim(c, v.known / scale, balances.get(c, Fraction(0))) for c, v in volumes.items()]
    claims.append(Claim(BAILLEUR, Fraction(0), balances.get(BAILLEUR, Fraction(0))))
    allotted = {a.code: a for a in allot(whole, claims, caps, year.order, year.pools)}
    volumes[BAILLEUR] = Figure(
        "non réservé", base.known - owed, "logements", "assiette − volumes des réservataires", (base, *volumes.values())
    )
    return tuple(
        Due(c, names[c], _share(v, base), v, allotted[c].dwellings, allotted[c].every, allotted[c].capped)
        for c, v in volumes.items()
    )


def _of_days(amount: Figure, length: int, whole: int) -> Figure:
    value = None if amount.value is None else amount.value * length / whole
    days = Figure("jours", Fraction(length), "jours")
    return Figure(amount.name, value, "logements", f"volume × jours / {whole}", (replace(amount, name="volume"), days))


def _share(volume: Figure, base: Figure) -> Figure:
    value = None if volume.value is None or not base.value else volume.value / base.value
    return Figure("part du flux", value, "%", "volume / assiette", (volume, base))


def _named(right: Right) -> Figure:
    y = right.yearly
    return Figure(
        f"{right.reservation.name}",
        y.value,
        y.unit if not right.in_rights else "logements",
        y.formula,
        y.inputs,
        y.source,
    )
