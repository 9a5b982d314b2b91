"""Orientation: the published sequence, cases of docs/orientation.md worked out by hand, and both implementations equal on made-up years."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.document.nodes import Scalar
from fluxrules.flux.orientation import quick, reference
from fluxrules.flux.orientation.lines import OWN, Parties
from fluxrules.flux.orientation.values import Decision, Freed, Start, World
from fluxrules.flux.parties import BAILLEUR
from fluxrules.model.flux.conditions import Condition, read_condition
from fluxrules.model.flux.values import Convention, Reservation, Scale, Share, SubShare, Terms
from fluxrules.text.source import Source
from tests.flux.test_assiette import dossier, year

REIMS, CHALONS = "51454", "51108"
BOTH = [reference.orient, quick.orient]
FIRST = date(2026, 1, 5)


def small() -> Condition:
    bag = Bag()
    text = "typologie est parmi (« T1 » ; « T2 »)"
    found = read_condition(Scalar(text, Source("si", text).span(0, len(text)), True), bag)
    assert found is not None and not bag.items
    return found


def party(code: str, percent: int, kind: str = "epci", scale: Scale | None = None, **right: object) -> Convention:
    base = next(c for c in dossier().conventions if c.name == "foyer-modèle/reims")
    share = right.pop("share", Share("part", Fraction(percent, 100), said=f"{percent} %"))
    reservation = Reservation("droit", share, **right)  # type: ignore[arg-type]
    return replace(
        base, name=code, reservataire=replace(base.reservataire, code=code, kind=kind), scale=scale or Scale("département", ("51",)),
        terms=replace(Terms(), reservations=(reservation,)), amendments=(),
    )  # fmt: skip


def world(*conventions: Convention, mode: str = "à part", start: Start | None = None, kinds: dict[str, str] | None = None, order: tuple[str, ...] = ()) -> World:  # fmt: skip
    flux = replace(year("foyer-modèle/2026"), deliveries_mode=mode, order=order)
    from fluxrules.flux.assiette import forecast

    names = kinds or {f"D{i}": "3" for i in range(1, 60)}
    from fluxrules.data.columns import dtype_of
    from fluxrules.vocabulary.flux import flux_vocabulary

    fields = flux_vocabulary().entities["logement"].fields.values()
    frame = pl.DataFrame({f.column: pl.Series(f.column, [None] * len(names), dtype=dtype_of(f)) for f in fields})
    frame = frame.with_columns(pl.Series("id_logement", list(names)), pl.Series("typologie", list(names.values())))
    return World(Parties(flux, conventions, forecast(flux, None, Bag()), {}), frame, start or Start())


def freed(number: int, commune: str = REIMS, **more: object) -> Freed:
    return Freed(f"L{number}", f"D{number}", FIRST + timedelta(days=number), commune, **more)  # type: ignore[arg-type]


def holders(decisions: tuple[Decision, ...]) -> list[str | None]:
    return [d.holder for d in decisions]


@pytest.mark.parametrize("orient", BOTH)
def test_the_published_sequence(orient) -> None:  # type: ignore[no-untyped-def]
    """flux_cases/_illustrative/orientation_plus_grand_deficit."""
    w = world(party("etat", 30), party("als", 20), party("commune", 20))
    found = orient(w, [freed(i) for i in range(1, 11)])
    assert holders(found) == ["etat", BAILLEUR, "als", "commune", "etat", BAILLEUR, "als", "commune", "etat", BAILLEUR]
    assert found[0].runner_up == BAILLEUR and found[0].rule == "plus grand retard"
    assert found[0].effects[0].before == Fraction(3, 10) and found[0].effects[0].after == Fraction(-7, 10)


@pytest.mark.parametrize("orient", BOTH)
def test_pace_is_counted_on_ones_own_territory(orient) -> None:  # type: ignore[no-untyped-def]
    """Case 2 of docs/orientation.md: the commune has half of what is freed at home; what is freed elsewhere owes it nothing."""
    w = world(party("reims", 50, "commune", Scale("commune", (REIMS,))))
    found = orient(w, [freed(1, CHALONS), freed(2, CHALONS), freed(3), freed(4), freed(5)])
    assert holders(found) == [BAILLEUR, BAILLEUR, "reims", BAILLEUR, "reims"]
    assert found[2].effects[0].before == Fraction(1, 2)


@pytest.mark.parametrize("orient", BOTH)
def test_a_commune_at_its_own_rate(orient) -> None:  # type: ignore[no-untyped-def]
    """40 %, of which half in small dwellings, but 10 % in Reims: a dwelling freed there owes a tenth, and a twentieth in small ones."""
    state = party("etat", 40, subs=(SubShare("petits", Fraction(20, 100), small()),))
    state = replace(state, terms=replace(state.terms, by_commune={REIMS: Fraction(10, 100)}))
    found = orient(world(state), [freed(1), freed(2, CHALONS), freed(3)])
    assert [d.effects[1].before for d in found] == [Fraction(1, 10), Fraction(5, 10), Fraction(6, 10)]
    assert [d.effects[0].before for d in found] == [Fraction(9, 10), Fraction(5, 10), Fraction(4, 10)]
    lines = world(state).parties.lines(FIRST)
    assert [(x.share, x.subs[0].share, REIMS in x.communes) for x in lines] == [
        (Fraction(40, 100), Fraction(20, 100), False),
        (Fraction(10, 100), Fraction(5, 100), True),
    ]


@pytest.mark.parametrize("orient", BOTH)
def test_what_is_not_of_the_flux(orient) -> None:  # type: ignore[no-untyped-def]
    items = [
        freed(1, named="gendarmerie"),
        freed(2, outside="MUT", motive="m"),
        freed(3, cause="LIVRAISON"),
        freed(4, inside=True),
    ]
    found = orient(world(party("etat", 60)), items)
    assert [(d.act, d.holder) for d in found] == [
        ("STOCK", "gendarmerie"),
        ("HORS_FLUX", None),
        ("LIVRAISON", None),
        ("ORIENTATION", "etat"),
    ]
    assert found[3].effects[0].before == Fraction(60, 100), "the three others owe nothing to anybody"
    assert orient(world(party("etat", 60), mode="incluses"), items)[2].holder == "etat"


@pytest.mark.parametrize("orient", BOTH)
def test_the_three_systems_on_one_dwelling(orient) -> None:  # type: ignore[no-untyped-def]
    """Stock: told; mixed: told, then in the flux once it came back; flux: the greatest delay."""
    w = world(party("etat", 60), party("mixte", 10))
    stock, mixed = freed(1, named="mixte"), freed(1, named="mixte", mixed=True)
    assert holders(orient(w, [stock])) == holders(orient(w, [mixed])) == ["mixte"]
    back = {"back": ("mixte",), "chain": ("autre réservataire en retard",)}
    assert orient(w, [replace(stock, **back)])[0].act == "REPRISE"  # type: ignore[arg-type]
    assert holders(orient(w, [replace(mixed, **back)])) == ["etat"]  # type: ignore[arg-type]
    assert holders(orient(w, [freed(1)])) == ["etat"]


@pytest.mark.parametrize("orient", BOTH)
@pytest.mark.parametrize(
    ("chain", "holder", "act"),
    [
        (("autre réservataire en retard", "bailleur"), "als", "ORIENTATION"),
        (("maire", "bailleur"), "ville", "ORIENTATION"),
        (("préfet",), "etat", "ORIENTATION"),
        (("bailleur pour un tour",), BAILLEUR, "REPRISE"),
        (("bailleur",), BAILLEUR, "ORIENTATION"),
        ((), BAILLEUR, "ORIENTATION"),
    ],
)
def test_a_dwelling_that_came_back_follows_the_chain(orient, chain: tuple[str, ...], holder: str, act: str) -> None:  # type: ignore[no-untyped-def]
    start = Start(flux=((FIRST, REIMS),), held={("etat", "droit"): 0, OWN: 0})
    w = world(
        party("etat", 10, "état"),
        party("als", 20),
        party("ville", 15, "commune", Scale("commune", (REIMS,))),
        start=start,
    )
    found = orient(w, [freed(1, back=("grand",), chain=chain)])[0]
    assert (found.holder, found.act) == (holder, act) and found.rule.startswith("après retour : ")


@pytest.mark.parametrize("orient", BOTH)
def test_single_rights_are_consumed_one_by_one(orient) -> None:  # type: ignore[no-untyped-def]
    rights = Share("droits uniques", Fraction(3), 1, "attributions")
    w = world(party("terrain", 0, share=rights), start=Start(used={("terrain", "droit"): 1}))
    w = replace(
        w,
        parties=replace(
            w.parties,
            year=replace(w.parties.year, attributions=replace(w.parties.year.attributions, value=Fraction(4))),
        ),
    )
    found = orient(w, [freed(i) for i in range(1, 9)])
    assert holders(found).count("terrain") == 2, "three rights, of which one was used before"


@pytest.mark.parametrize("orient", BOTH)
def test_a_firm_sub_share_keeps_its_dwellings_and_a_small_one_yields(orient) -> None:  # type: ignore[no-untyped-def]
    """Half of the State's share is promised in small dwellings: a large one may not be taken from it."""
    kinds = {"D1": "4", "D2": "1", "D3": "4"}
    firm = party("etat", 40, subs=(SubShare("petits", Fraction(20, 100), small()),))
    soft = party("etat", 40, subs=(SubShare("petits", Fraction(20, 100), small(), firm=False),))
    other = party("als", 30)
    items = [freed(1), freed(2)]
    kept = orient(world(firm, other, kinds=kinds, order=("etat", "als")), items)
    yields = orient(world(soft, other, kinds=kinds, order=("etat", "als")), items)
    assert holders(kept)[0] != "etat" and holders(kept)[1] == "etat" and kept[1].reservation == "droit > petits"
    assert holders(yields)[0] == "etat"
    tiny = party(
        "etat", 40, subs=(SubShare("petits", Fraction(1, 100), small()),)
    )  # 54 × 1 % is below one dwelling a year
    assert tiny.terms.reservations[0].subs[0].firm and not world(tiny).parties.lines(FIRST)[0].subs[0].firm


@pytest.mark.parametrize("orient", BOTH)
def test_a_right_holds_so_many_of_its_programme_at_a_time(orient) -> None:  # type: ignore[no-untyped-def]
    """« au plus du programme : 10 % » of thirty dwellings is three. It holds two (D8, D9): it takes one more, then none, until D9 is freed."""
    land = party("terrain", 90, programmes=("P",), most_held=Fraction(10, 100))
    w = world(land, start=Start(occupied={("terrain", "droit"): frozenset({"D8", "D9"})}))
    w = replace(w, parties=replace(w.parties, sizes={"P": 30}))
    items = [freed(i, programme="P") for i in (1, 2, 9, 3)]
    assert holders(orient(w, items)) == ["terrain", BAILLEUR, "terrain", BAILLEUR]
    assert holders(orient(world(party("terrain", 90, programmes=("P",))), items)).count("terrain") == 4


@pytest.mark.parametrize("orient", BOTH)
def test_an_unknown_kind_gives_no_right(orient) -> None:  # type: ignore[no-untyped-def]
    w = world(party("etat", 90, condition=small()), kinds={"D1": None})  # type: ignore[dict-item]
    assert holders(orient(w, [freed(1)])) == [BAILLEUR]


def test_without_signature_the_prefet_exercises_the_flux() -> None:
    unsigned = replace(party("als", 50), signed={})
    assert holders(quick.orient(world(unsigned, party("etat", 20)), [freed(1)])) == ["prefet-defaut"]


@st.composite
def years(draw: st.DrawFn) -> tuple[World, list[Freed]]:
    conventions = []
    left = 100
    for code in draw(st.lists(st.sampled_from(["a", "b", "c", "d"]), unique=True, min_size=1)):
        percent = draw(st.integers(0, left))
        left -= percent
        scale = draw(
            st.sampled_from([Scale("département", ("51",)), Scale("commune", (REIMS,)), Scale("epci", ("200067213",))])
        )
        share = draw(
            st.sampled_from([
                Share("part", Fraction(percent, 100)),
                Share("part", Fraction(0), steps=((date(2025, 1, 1), Fraction(percent, 300)), (date(2026, 1, 20), Fraction(percent, 100)))),
                Share("droits uniques", Fraction(3), 2, "attributions"),
                Share("logements par an", Fraction(2), None, draw(st.sampled_from(["assiette", "attributions"]))),
            ])
        )  # fmt: skip
        subs = draw(
            st.sampled_from(
                [
                    (),
                    (
                        SubShare("petits", Fraction(percent, 200), small()),
                        SubShare("agents", Fraction(percent, 300), agents=True),
                    ),
                ]
            )
        )
        since = draw(st.sampled_from([None, date(2026, 1, 12)]))
        until = draw(st.sampled_from([None, date(2026, 1, 25)]))
        made = party(code, percent, draw(st.sampled_from(["commune", "état", "epci"])), scale, share=share, subs=subs, since=since, until=until,
                     condition=draw(st.sampled_from([None, None, small()])), programmes=draw(st.sampled_from([(), (), ("P",)])),
                     most_held=draw(st.sampled_from([None, None, Fraction(1, 5), Fraction(2, 5)])))  # fmt: skip
        rates = draw(
            st.sampled_from([None, {}, {REIMS: Fraction(percent, 500)}, {REIMS: Fraction(1, 7), CHALONS: Fraction(0)}])
        )
        made = replace(made, terms=replace(made.terms, by_commune=rates))
        conventions.append(draw(st.sampled_from([made, made, made, replace(made, signed={})])))
    kinds = {f"D{i}": draw(st.sampled_from(["1", "3", "5", None])) for i in range(1, 15)}
    items = []
    for i in range(1, draw(st.integers(1, 14)) + 1):
        back = draw(st.sampled_from([(), (), (), ("a",), ("s",), ("a", "b")]))
        items.append(
            freed(
                i, draw(st.sampled_from([REIMS, CHALONS, "51573"])), programme=draw(st.sampled_from([None, "P"])),
                cause=draw(st.sampled_from([None, "CONGE", "LIVRAISON"])), outside=draw(st.sampled_from([None, None, None, "MUT"])),
                named=draw(st.sampled_from([None, None, None, "s"])), mixed=draw(st.booleans()), back=back,
                chain=tuple(draw(st.lists(st.sampled_from(["autre réservataire en retard", "maire", "préfet", "bailleur pour un tour", "bailleur"]), max_size=2))) if back else (),
            )
        )  # fmt: skip
    seen = tuple(
        (FIRST + timedelta(days=draw(st.integers(0, 20))), draw(st.sampled_from([REIMS, CHALONS])))
        for _ in range(draw(st.integers(0, 4)))
    )
    keys = [*((c.reservataire.code, "droit") for c in conventions), OWN]
    start = Start(
        seen,
        seen[:1],
        {k: draw(st.integers(0, 2)) for k in keys},
        {k: Fraction(draw(st.integers(-9, 9)), 7) for k in keys},
        {keys[0]: draw(st.integers(0, 3))},
        {keys[0]: frozenset(draw(st.sets(st.sampled_from(["D1", "D4", "D9"])))), keys[-2]: frozenset({"D2"})},
    )
    made_world = world(*conventions, mode=draw(st.sampled_from(["à part", "incluses", "exclues"])), start=start, kinds=kinds,  # type: ignore[arg-type]
                       order=tuple(draw(st.permutations(["b", "bailleur", "a"]))))  # fmt: skip
    return replace(made_world, parties=replace(made_world.parties, sizes={"P": 9})), items


@settings(max_examples=150, deadline=None)
@given(years())
def test_the_quick_orientation_is_the_plain_one(case: tuple[World, list[Freed]]) -> None:
    w, items = case
    assert quick.orient(w, items) == reference.orient(w, items)
