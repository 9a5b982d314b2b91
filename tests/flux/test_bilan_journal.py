"""What the journal adds to a bilan: dwellings sent on, returned, sent elsewhere, chosen by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl

from fluxrules.flux.bilan.cross import GRANTED, PROPOSED
from fluxrules.flux.bilan.table import TOTAL
from fluxrules.flux.ledger import Entry, appended, frame_of
from tests.flux.test_bilan import made, tables, value

NUMBER = "051032400012345678"


def _flux_dwelling() -> tuple[str, str]:
    """A libération of 2025 that Action Logement let in 2025."""
    found = tables().attributions.filter(  # type: ignore[union-attr]
        (pl.col("reservataire") == "als-51") & (pl.col("issue") == "BAIL") & (pl.col("date_commission").dt.year() == 2025)
    ).join(tables().liberations, on="id_liberation")  # type: ignore[arg-type]  # fmt: skip
    found = found.filter((pl.col("date_liberation").dt.year() == 2025) & (pl.col("cause") != "LIVRAISON"))
    return found["id_liberation"][0], found["id_logement"][0]


def with_journal(*entries: Entry) -> pl.DataFrame:
    return frame_of(appended((), entries))


def lines(release: str, dwelling: str) -> tuple[Entry, ...]:
    base = Entry(0, date(2025, 5, 2), "ORIENTATION", release, dwelling, "etat-51")
    return (
        base,
        replace(base, day=date(2025, 5, 20), act="RETOUR", reason="réservataire renonce"),
        replace(
            base, day=date(2025, 5, 21), act="CHOIX", holder="als-51", runner_up="grand-reims", reason=f"voir {NUMBER}"
        ),
    )


def test_a_dwelling_sent_back_is_proposed_twice_and_attributed_once() -> None:
    journal = with_journal(*lines(*_flux_dwelling()))
    before, after = made()[0], made(given=replace(tables(), journal=journal))[0]
    assert (
        value(after, "T3-croisement", TOTAL, PROPOSED) == int(str(value(before, "T3-croisement", TOTAL, PROPOSED))) + 1
    )
    assert value(after, "T3-croisement", TOTAL, GRANTED) == value(before, "T3-croisement", TOTAL, GRANTED)
    assert value(after, "T2-reservataires", TOTAL, "Logements de l'année") == value(
        before, "T1-assiette", "Assiette", "Constaté"
    )
    assert value(after, "T2-reservataires", "Préfet de la Marne", "Rendus") == 1


def test_returns_and_choices_have_their_motive_without_any_number() -> None:
    found = made(given=replace(tables(), journal=with_journal(*lines(*_flux_dwelling()))))[0]
    back = found.table("T9-retours").frame.filter(pl.col("Nature") == "rendu par le réservataire").row(0)
    assert back[0] == "Préfet de la Marne" and back[2] == "réservataire renonce"
    chosen = found.table("T10-choix").frame.row(0, named=True)
    assert (chosen["Réservataire choisi"], chosen["Réservataire suivant"]) == (
        "Action Logement Services",
        "Communauté urbaine du Grand Reims",
    )
    assert NUMBER not in str(chosen) and chosen["Motif, au journal"].startswith("écriture n° ")
    assert made()[0].table("T10-choix").frame.is_empty()


def test_what_was_undone_is_not_in_the_bilan() -> None:
    one, *_ = lines(*_flux_dwelling())
    undone = replace(one, day=date(2025, 5, 3), act="ANNULATION", cancels=1, reason="erreur de saisie")
    before, after = made()[0], made(given=replace(tables(), journal=with_journal(one, undone)))[0]
    assert all(a.frame.equals(b.frame) for a, b in zip(before.tables, after.tables, strict=True))
