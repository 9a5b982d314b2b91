"""``flux orienter`` and ``flux suivi`` as a person runs them, on the example département without its attributions of 2026."""

from __future__ import annotations

import csv
import json
import shutil
from collections import Counter
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import Result

from fluxrules.data.flux.journal import read_journal
from fluxrules.data.flux.read import read_flux_tables
from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.flux.ledger import Entry, entries_of, frame_of, standing
from fluxrules.flux.orientation import quick, reference
from fluxrules.flux.orientation.situation import situation
from tests.flux.test_acts import flux
from tests.flux.test_assiette import MARNE, dossier, year

OURS = ("--annee", "2026", "--bailleur", "900000001")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    target = tmp_path / "marne"
    shutil.copytree(MARNE, target)
    file = target / "donnees/attributions.csv"
    lines = file.read_text("utf-8-sig").splitlines(keepends=True)
    rows = [x.split(";") for x in lines]
    commission = rows[0].index("date_commission")
    file.write_text(
        "".join(x for x, r in zip(lines, rows, strict=True) if not r[commission].endswith("2026") and "/2026" not in x),
        "utf-8",
    )
    return target


def run(folder: Path, *args: str) -> Result:
    return flux("orienter", folder, *OURS, "--sortie", folder / "donnees/journal.csv", *args)


def journal(folder: Path) -> tuple[Entry, ...]:
    return entries_of(read_journal(folder / "donnees/journal.csv", dict(frame_of(()).schema)))


def test_a_year_is_oriented_in_two_times_as_in_one(folder: Path) -> None:
    assert run(folder, "--jusqu-au", "31/03/2026").return_value == 0
    first = (folder / "donnees/journal.csv").read_bytes()
    assert run(folder, "--jusqu-au", "30/06/2026").return_value == 0
    assert (folder / "donnees/journal.csv").read_bytes().startswith(first)
    in_two = [e.values for e in journal(folder)]
    (folder / "donnees/journal.csv").unlink()
    assert run(folder, "--jusqu-au", "30/06/2026").return_value == 0
    assert [e.values for e in journal(folder)] == in_two
    assert "Rien à ajouter" in run(folder, "--jusqu-au", "30/06/2026").stdout


def test_both_implementations_agree_on_the_example(folder: Path) -> None:
    tables = read_flux_tables(folder / "donnees").tables
    assert tables is not None
    found = situation(year("habitat-exemple/2026"), dossier(), tables, (), date(2026, 4, 30), Bag())
    decisions = quick.orient(found.world, found.queue)
    assert decisions == reference.orient(found.world, found.queue) and len(decisions) > 30


def test_the_journal_replays_to_the_same_balances(folder: Path) -> None:
    assert run(folder, "--jusqu-au", "30/06/2026").return_value == 0
    tables = read_flux_tables(folder / "donnees").tables
    assert tables is not None
    args = (year("habitat-exemple/2026"), dossier(), tables)
    fresh = situation(*args, (), date(2026, 6, 30), Bag())
    live = quick.Running(fresh.world)
    live.orient(fresh.queue)
    replayed = situation(*args, journal(folder), date(2026, 6, 30), Bag())
    again = quick.Running(replayed.world)
    keys = {line.key for line in fresh.world.parties.lines(date(2026, 6, 30))}
    assert replayed.queue == () and {k: live.balance(k) for k in keys} == {k: again.balance(k) for k in keys}


def test_it_advises_and_says_why(folder: Path) -> None:
    found = json.loads(flux("orienter", folder, *OURS, "--jusqu-au", "30/06/2026", "--format", "json").stdout)
    flowing = [x for x in found if x["acte"] == "ORIENTATION"]
    assert flowing and all(x["règle"] in ("plus grand retard", "seul éligible") and x["soldes"] for x in flowing)
    assert Counter(x["acte"] for x in found)["HORS_FLUX"] > 0
    assert not (folder / "donnees/journal.csv").exists()


def test_a_choice_a_return_and_an_annulation_are_lines(folder: Path) -> None:
    advice = json.loads(flux("orienter", folder, *OURS, "--jusqu-au", "30/06/2026", "--format", "json").stdout)
    release = next(x["libération"] for x in advice if x["acte"] == "ORIENTATION" and x["réservataire"] != "als-51")
    assert run(folder, "--choisir", f"{release}=als-51", "--motif", "relogement urgent d'un salarié").return_value == 0
    assert run(folder, "--retour", release, "--motif", "sans candidat", "--le", "15/06/2026").return_value == 0
    run(folder, "--jusqu-au", "30/06/2026")
    lines = [e for e in journal(folder) if e.release == release]
    assert [e.act for e in lines][:2] == ["CHOIX", "RETOUR"] and len(lines) == 3
    assert lines[2].holder != "als-51" and (lines[2].rule or "").startswith("après retour : ")
    assert run(folder, "--annuler", str(lines[2].number), "--motif", "mauvais logement").return_value == 0
    assert lines[2].number not in {e.number for e in standing(journal(folder))}
    assert run(folder, "--credit", f"{release}=als-51", "--motif", "candidat écarté").return_value == 0


@pytest.mark.parametrize(
    ("code", "args"),
    [
        ("FX8404", ("--choisir", "LIB-0680=als-51")),
        ("FX8402", ("--choisir", "LIB-0680=etat-15", "--motif", "m")),
        ("FX8403", ("--choisir", "LIB-9999=als-51", "--motif", "m")),
        ("FX8406", ("--retour", "LIB-0680", "--motif", "sans candidat")),
        ("FX8407", ("--annuler", "999", "--motif", "m")),
        ("FX8413", ("--choisir", "LIB-0680=dep-51", "--motif", "m")),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(folder: Path, code: str, args: tuple[str, ...]) -> None:
    advice = json.loads(flux("orienter", folder, *OURS, "--format", "json").stdout)
    release = next(x["libération"] for x in advice if x["acte"] == "ORIENTATION")
    done = run(folder, *(a.replace("LIB-0680", release) for a in args))
    assert done.return_value == 1 and code in done.stderr and not (folder / "donnees/journal.csv").exists()


def test_a_dwelling_that_someone_has_is_not_chosen_again(folder: Path) -> None:
    run(folder, "--jusqu-au", "31/01/2026")
    release = next(e.release for e in journal(folder) if e.act == "ORIENTATION")
    done = run(folder, "--choisir", f"{release}=als-51", "--motif", "m")
    assert done.return_value == 1 and "FX8411" in done.stderr


def test_a_retouched_journal_stops_everything(folder: Path) -> None:
    run(folder, "--jusqu-au", "31/01/2026")
    path = folder / "donnees/journal.csv"
    path.write_text(path.read_text("utf-8").replace("etat-51", "als-51", 1), "utf-8")
    done = run(folder, "--jusqu-au", "28/02/2026")
    assert "FX8401" in done.stderr
    bilan = flux("bilan", folder, *OURS, "--sortie", folder / "bilan")
    assert bilan.return_value == 1 and "FX8401" in bilan.stderr and not (folder / "bilan").exists()
    assert flux("donnees", folder).return_value == 1


def test_an_error_undone_and_a_return_are_dated_by_what_they_follow(folder: Path) -> None:
    """Nothing counts twice on the day of the first entry, and a new delay starts when the dwelling came back."""
    run(folder, "--jusqu-au", "31/01/2026")
    first = next(e for e in journal(folder) if e.act == "ORIENTATION")
    assert first.release is not None and first.holder != "als-51"
    assert run(folder, "--annuler", str(first.number), "--motif", "erreur").return_value == 0
    assert journal(folder)[-1].day == first.day
    run(folder, "--jusqu-au", "31/01/2026")
    again = journal(folder)[-1]
    after = again.day + timedelta(10)
    before = json.loads(flux("suivi", folder, *OURS, "--date", f"{after:%d/%m/%Y}", "--format", "json").stdout)
    assert (
        run(folder, "--retour", first.release, "--motif", "sans candidat", "--le", f"{after:%d/%m/%Y}").return_value
        == 0
    )
    back = json.loads(flux("suivi", folder, *OURS, "--date", f"{after:%d/%m/%Y}", "--format", "json").stdout)
    assert back[0]["logements du flux"] == before[0]["logements du flux"]
    run(folder, "--jusqu-au", "31/01/2026")
    assert journal(folder)[-1].release == first.release and journal(folder)[-1].day == after


def test_a_use_outside_the_flux_without_motive_is_not_oriented(folder: Path) -> None:
    file = folder / "donnees/liberations.csv"
    head, *rows = file.read_text("utf-8-sig").splitlines()
    i = next(
        i
        for i, r in enumerate(rows)
        if ";MUT;" in r and r.split(";")[3].endswith("2026") and r.split(";")[1].startswith("HE")
    )
    rows[i] = ";".join([*rows[i].split(";")[:-1], ""])
    file.write_text("\n".join([head, *rows]) + "\n", "utf-8")
    done = run(folder)
    assert "FX8408" in done.stderr and rows[i].split(";")[0] not in {e.release for e in journal(folder)}


def test_what_is_not_signed_replays_to_the_same_balances_and_a_delay_is_shown(folder: Path) -> None:
    file = folder / "conventions/habitat-exemple-action-logement.yaml"
    text = file.read_text("utf-8")
    file.write_text(
        "".join(x for x in text.splitlines(keepends=True) if not x.startswith("signée le")).replace(
            "transmise au préfet le: 27/11/2023\n", ""
        ),
        "utf-8",
    )
    advice = json.loads(flux("orienter", folder, *OURS, "--jusqu-au", "30/06/2026", "--format", "json").stdout)
    assert "prefet-defaut" in {x["réservataire"] for x in advice} and "als-51" not in {
        x["réservataire"] for x in advice
    }
    state = next(x for x in advice if x["réservataire"] == "etat-51")
    assert date.fromisoformat(state["réponse au plus tard"]) > date.fromisoformat(state["date"])
    assert (
        run(folder, "--jusqu-au", "31/03/2026").return_value == 0
        and run(folder, "--jusqu-au", "30/06/2026").return_value == 0
    )
    assert [e.holder for e in journal(folder)] == [x["réservataire"] for x in advice]


def test_a_dwelling_whose_place_is_unknown_is_said_and_not_oriented(folder: Path) -> None:
    assert "FX8409" not in run(folder, "--jusqu-au", "31/03/2026").stderr
    told = next(e for e in journal(folder) if e.act == "ORIENTATION")
    (folder / "donnees/journal.csv").unlink()
    file = folder / "donnees/logements.csv"
    head, *rows = file.read_text("utf-8-sig").splitlines()
    column = head.split(";").index("nature_logement")
    for i, row in enumerate(rows):
        if row.startswith(f"{told.dwelling};"):
            rows[i] = ";".join("" if n == column else x for n, x in enumerate(row.split(";")))
    file.write_text("\n".join([head, *rows]) + "\n", "utf-8")
    assert "FX8409" in run(folder, "--jusqu-au", "31/03/2026").stderr
    assert told.release not in {e.release for e in journal(folder)}


def test_a_share_that_is_not_known_takes_no_dwelling_and_is_said(folder: Path) -> None:
    assert "FX8410" not in run(folder, "--jusqu-au", "31/01/2026").stderr
    (folder / "donnees/journal.csv").unlink()
    file = folder / "flux/habitat-exemple-2026.yaml"
    file.write_text(file.read_text("utf-8").replace("attributions: {prévu: 100}\n", ""), "utf-8")
    done = run(folder)
    assert "FX8410" in done.stderr and "terrain de la rue des Vignes" in done.stderr
    assert "terrain de la rue des Vignes" not in {e.reservation for e in journal(folder)}


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"donnees/{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def told(folder: Path, *args: str) -> list[dict[str, object]]:
    found = json.loads(flux("orienter", folder, *OURS, "--format", "json", *args).stdout)
    assert isinstance(found, list)
    return found


def test_a_choice_shows_what_it_does_to_both_balances(folder: Path) -> None:
    """The same dwelling, by the rule then by a choice: the one that the rule names keeps what it was owed."""
    _, advice = next((n, a) for n, a in enumerate(told(folder)) if n > 3 and a["réservataire"] == "etat-51")
    (ruled,) = [e for e in advice["soldes"] if e["réservataire"] == "etat-51"]  # type: ignore[attr-defined]
    (choice,) = told(folder, "--choisir", f"{advice['libération']}=als-51", "--motif", "salarié muté")
    mine, instead = choice["soldes"]  # type: ignore[misc]
    assert Fraction(mine["avant"]) - Fraction(mine["après"]) == 1 and mine["réservataire"] == "als-51"
    assert (instead["avant"], instead["après"]) == (ruled["avant"], ruled["avant"])
    assert choice["règle"] == "choix manuel ; la règle : plus grand retard, etat-51"
    same = told(folder, "--choisir", f"{advice['libération']}=etat-51", "--motif", "comme la règle")[0]["soldes"]
    assert same == [ruled]


def test_who_designates_and_what_the_residence_is_are_said(folder: Path) -> None:
    before = told(folder)
    assert {a["désignation"] for a in before} == {"réservataire"} and {a["délégué à"] for a in before} == {None}
    assert {a["résidence"] for a in before if a["programme"] == "résidence Orgeval"} == {"fragile"}
    of = {r["id_liberation"]: r["id_logement"] for r in rows(folder, "liberations")}
    homes = {r["id_logement"]: r for r in rows(folder, "logements")}
    one = before[0]
    table = homes[of[str(one["libération"])]]
    assert (one["typologie"], one["commune"]) == (f"T{table['typologie']}", table["code_commune"])
    assert one["en QPV"] is bool(table["code_qpv_2024"]) and one["financement"]
    assert {a["résidence"] for a in before if a["programme"] == "résidence Clemenceau"} == {None}
    state = folder / "conventions/habitat-exemple-etat.yaml"
    text = state.read_text("utf-8")
    act = "délégation: {à: grand-reims, acte: convention, évaluation: annuelle, retrait: article 4}\n"
    state.write_text(text.replace("gestion: directe", "gestion: déléguée au bailleur") + act, "utf-8")
    mine = [a for a in told(folder) if a["réservataire"] == "etat-51"]
    assert {(a["désignation"], a["délégué à"], a["réponse au plus tard"]) for a in mine} == {
        ("bailleur", "grand-reims", None)
    }
    assert [a["réservataire"] for a in told(folder)] == [a["réservataire"] for a in before], (
        "who it counts for does not change"
    )
    shown = flux("orienter", folder, *OURS).stdout
    assert "gestion déléguée : le bailleur désigne ; contingent délégué à grand-reims" in shown
    assert "Recommandation de « grand-reims », typologie" in shown
