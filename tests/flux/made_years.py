"""Years made up by Hypothesis: conventions, dwellings, libérations, attributions of one bailleur, small and of every kind."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import polars as pl
from hypothesis import strategies as st

from fluxrules.data.columns import dtype_of
from fluxrules.data.flux.tables import FluxTables
from fluxrules.model.flux.folder import Dossier
from fluxrules.model.flux.values import Amendment, CarryOver, Convention, Reservation, Scale, Share, Terms
from fluxrules.model.flux.year import FluxYear
from fluxrules.vocabulary.flux import flux_vocabulary
from tests.flux.test_assiette import dossier, year

N = 2025
SCALES = (Scale("département", ("51",)), Scale("commune", ("51454",)), Scale("epci", ("200067213",)))


def flux_year(mode: str = "à part", name: str = "foyer-modèle/2025") -> FluxYear:
    return replace(year(name), deliveries_mode=mode, stock_day=None)


def convention(code: str, *shares: Share, **more: object) -> Convention:
    """A signed convention of the bailleur, with one reservation a share."""
    base = next(c for c in dossier().conventions if c.name == "foyer-modèle/reims")
    rights = tuple(Reservation(f"droit {i}", s) for i, s in enumerate(shares))
    terms = Terms(reservations=rights, counted="à la décision de la commission", counts={"candidat refuse": True})
    made = replace(
        base,
        name=code,
        reservataire=replace(base.reservataire, code=code, name=code),
        terms=terms,
        amendments=(),
        designated=(),
    )
    return replace(made, **more)  # type: ignore[arg-type]


def table(name: str, rows: list[dict[str, object]]) -> pl.DataFrame:
    """Rows of a table of the vocabulary; columns that are not given are null."""
    fields = next(e for e in flux_vocabulary().entities.values() if e.table == name).fields.values()
    schema = {f.column: dtype_of(f) for f in fields}
    return pl.DataFrame([{c: row.get(c) for c in schema} for row in rows], schema=schema)


def dwelling(name: str, commune: str | None = "51454", **more: object) -> dict[str, object]:
    return {"id_logement": name, "siren_bailleur": "900000002", "code_commune": commune, "code_qpv_2024": "", **more}


def release(name: str, home: str, day: date, cause: str = "CONGE", **more: object) -> dict[str, object]:
    return {"id_liberation": name, "id_logement": home, "date_liberation": day, "cause": cause, **more}


def attribution(name: str, holder: str, day: date | None, decision: str | None = "ATTR", issue: str | None = "BAIL") -> dict[str, object]:  # fmt: skip
    """Designated on ``day``, decided ten days later and let a week after, as far as ``decision`` and ``issue`` go."""
    decided = day + timedelta(10) if day is not None and decision else None
    return {"id_attribution": f"A-{name}-{holder}", "id_liberation": name, "reservataire": holder, "date_designation": day,
            "date_commission": decided, "decision": decision, "issue": issue,
            "date_bail": decided + timedelta(7) if decided is not None and issue == "BAIL" else None}  # fmt: skip


class Made:
    """No dataclass: a test that fails would print the documents whole, a thousand pages."""

    def __init__(self, year: FluxYear, dossier: Dossier, tables: FluxTables) -> None:
        self.year, self.dossier, self.tables = year, dossier, tables

    def __repr__(self) -> str:
        lines = [f"{c.name} {c.regime} {c.scale.codes} {c.since}/{c.until} {bool(c.signed)} {[(r.name, r.share) for r in c.terms.reservations]} "
                 f"{c.terms.carry_over} {[(a.since, [(r.name, r.share) for r in a.terms.reservations]) for a in c.amendments]}" for c in self.dossier.conventions]  # fmt: skip
        for name in ("logements", "liberations", "attributions", "journal"):
            found = self.tables.table(name)
            lines += [str({k: v for k, v in row.items() if v is not None}) for row in found.to_dicts()] if found is not None else []  # fmt: skip
        return "\n".join((self.year.deliveries_mode, *lines))


@st.composite
def shares(draw: st.DrawFn) -> Share:
    percent = Fraction(draw(st.integers(0, 24)), 100)
    return draw(
        st.sampled_from([
            Share("part", percent),
            Share("part", Fraction(0), steps=((date(N - 1, 1, 1), percent / 3), (date(N, 5, 20), percent))),
            Share("droits uniques", Fraction(6), 4, "attributions"),
            Share("logements par an", Fraction(2), None, "assiette"),
            Share("logements par an", Fraction(1), None, "attributions"),
        ])
    )  # fmt: skip


@st.composite
def made(draw: st.DrawFn) -> Made:
    """A year whose every event is in it, or before it."""
    conventions = []
    for code in draw(st.lists(st.sampled_from(["a", "b", "c"]), unique=True, min_size=1)):
        one = convention(
            code, *draw(st.lists(shares(), min_size=1, max_size=2)), scale=draw(st.sampled_from(SCALES)),
            since=draw(st.sampled_from([date(N - 1, 1, 1), date(N, 4, 11)])), until=draw(st.sampled_from([date(N + 1, 12, 31), date(N, 9, 1)])),
        )  # fmt: skip
        if draw(st.booleans()):
            carry = CarryOver(True, draw(st.sampled_from([None, 1])), None)
            one = replace(one, terms=replace(one.terms, carry_over=carry))
        if all(r.share.kind == "part" for r in one.terms.reservations) and draw(st.booleans()):
            one = replace(one, terms=replace(one.terms, by_commune={"51454": Fraction(1, 8), "51108": Fraction(0)}))
        if draw(st.booleans()):
            later = replace(one.terms, reservations=(Reservation("droit 0", draw(shares())),))
            one = replace(one, amendments=(Amendment("1", one.signed, date(N, 7, 1), None, later, ("réservations",)),))
        conventions.append(draw(st.sampled_from([one, one, one, replace(one, signed={})])))
    stock = convention("armée", regime="stock", designated=("D1",), signed=draw(st.sampled_from([conventions[0].signed, {}])), until=draw(st.sampled_from([None, date(N, 6, 1)])))  # fmt: skip
    homes = [
        dwelling(f"D{i}", draw(st.sampled_from(["51454", "51108", "51573", None])), date_entree=draw(st.sampled_from([None, None, date(N, 3, 1)])),
                 date_sortie=draw(st.sampled_from([None, None, None, date(N, 8, 1)])), reserve_stock=draw(st.sampled_from([None, None, None, "armée"])))
        for i in range(1, draw(st.integers(2, 12)))
    ]  # fmt: skip
    freed, given = [], []
    for i in range(draw(st.integers(1, 14))):
        day = draw(st.dates(date(N - 1, 1, 1), date(N, 11, 30)))
        use = draw(st.sampled_from([None, None, None, "MUT", "VENTE"]))
        home = draw(st.sampled_from(homes))["id_logement"]
        cause = draw(st.sampled_from(["CONGE", "CONGE", "LIVRAISON", "VENTE", "DEMOLITION"]))
        freed.append(release(f"L{i}", str(home), day, cause, usage_hors_flux=None if cause == "LIVRAISON" else use, motif_hors_flux="m" if use else None))  # fmt: skip
        if draw(st.booleans()):
            decision, issue = draw(
                st.sampled_from([("ATTR", "BAIL"), ("ATTR", "REFUS"), ("NON_ATTR", None), (None, None)])
            )
            given.append(attribution(f"L{i}", draw(st.sampled_from([*(c.reservataire.code for c in conventions), "bailleur"])), day, decision, issue))  # fmt: skip
    mode = draw(st.sampled_from(["à part", "incluses", "exclues"]))
    now = flux_year(mode)
    before = replace(now, name="avant", year=N - 1)
    tables = FluxTables(
        logements=table("logements", homes),
        liberations=table("liberations", freed),
        attributions=table("attributions", given),
    )
    return Made(now, Dossier((*conventions, stock), (before, now)), tables)
