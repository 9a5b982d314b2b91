"""Several grids in one run: publics, shared territories, names, classes; thirty territories, whose counts add up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner

from fluxrules.api import check_source, explain, explanation
from fluxrules.commands.explain import command as explain_command
from fluxrules.commands.score import command as score_command
from fluxrules.cotation.run import score_tables
from fluxrules.cotation.sentences import as_json
from fluxrules.data.population import generate
from fluxrules.data.tables import KEY, Tables
from fluxrules.text.source import Source
from fluxrules.vocabulary.load import standard_vocabulary
from fluxrules.vocabulary.territoires import attach_territoire, load_territoires, nom_territoire
from tests.large import DAY, LILLE, LOCAL, LYON, PARIS, REIMS, grid_of, tables_in

MUTATION = "demandeurs: {nom: demandes de mutation, si: est_mutation, si non renseigné: non}\n"
OTHERS = "demandeurs: {nom: premières demandes, si: non est_mutation, si non renseigné: oui}\n"


def text_of(name: str, epci: str, points: int = 10, more: str = "") -> str:
    return f"""langage: 1
cotation: {name}
nature: projet
titre: Grille {name}
territoire: {{epci: {epci}}}
en vigueur: {{du: 01/01/2024, au: 31/12/2029}}
{more}note:
  retenir: la somme
  critères:
    particulier: {{si: mode_logement_actuel est « chez un particulier », points: {points}}}
    ancienneté: {{points: "1 par mois entier d'ancienneté, au plus {points}"}}
ex æquo: la demande la plus ancienne d'abord
"""


def made(size: int = 900, homes: tuple[str, ...] = (REIMS, PARIS), struck_off: float = 0.0) -> Tables:
    return generate(size, 8, DAY, list(homes), struck_off=struck_off)


def write(folder: Path, tables: Tables) -> Path:
    folder.mkdir()
    for name in ("demandes", "membres", "choix", "evenements"):
        getattr(tables, name).drop("zone_plafonds", "seuil_premier_quartile", strict=False).write_parquet(
            folder / f"{name}.parquet"
        )
    return folder


def cli(command: Any, *words: object) -> tuple[int, str]:
    found = CliRunner().invoke(command, [str(w) for w in words], standalone_mode=False)
    assert found.exception is None or found.exit_code, found.exception
    return found.return_value if isinstance(found.return_value, int) else found.exit_code, found.output


def test_two_publics_on_one_territory(tmp_path: Path) -> None:
    tables = made()
    one, other = (
        grid_of(text_of(n, f'"{REIMS}"', p, m)) for n, p, m in (("mutations", 7, MUTATION), ("premières", 9, OTHERS))
    )
    scores = score_tables([one, other], tables, DAY)
    assert not scores.diagnostics and scores.counts.outside == 0
    assert scores.results.select(KEY, "territoire").is_duplicated().sum() == 0
    hlm = pl.col("modes_logement_actuel").list.contains("HLM")
    kind = tables.demandes.select(KEY, known=pl.col("modes_logement_actuel").is_not_null(), hlm=hlm.fill_null(False))
    by = scores.results.join(kind, on=KEY)
    assert set(by.filter("known", "hlm")["grille"]) <= {"mutations"} and set(
        by.filter("known", ~pl.col("hlm"))["grille"]
    ) <= {"premières"}
    assert set(by.filter(~pl.col("known"))["grille"]) <= {"premières"}
    for name in ("mutations", "premières"):  # positions are those of a grid alone
        own = score_tables([one if name == "mutations" else other], tables, DAY)
        assert own.positions.sort(pl.all()).equals(scores.positions.filter(grille=name).sort(pl.all()))
        assert own.counts.outside == scores.counts.results - own.counts.results
    everyone = score_tables([one, other], tables, DAY, everyone=True)
    assert everyone.counts.results == len(tables.demandes) and everyone.counts.outside == 0


@pytest.mark.slow
def test_an_explanation_says_that_a_grid_is_not_for_a_demande(tmp_path: Path) -> None:
    tables = made()
    (tmp_path / "g").mkdir()
    (tmp_path / "g" / "m.yaml").write_text(text_of("mutations", f'"{REIMS}"', 7, MUTATION), "utf-8")
    (tmp_path / "g" / "p.yaml").write_text(text_of("premières", f'"{REIMS}"', 9, OTHERS), "utf-8")
    grids = [grid_of((tmp_path / "g" / f).read_text("utf-8")) for f in ("m.yaml", "p.yaml")]
    scores = score_tables(grids, tables, DAY)
    for name, grid in zip(("mutations", "premières"), grids, strict=True):
        inside = set(scores.results.filter(grille=name)[KEY])
        for number in scores.results[KEY].head(20):
            e = explanation(grid, tables, number, DAY)
            assert e.outside == (number not in inside) and e.public is not None  # the interpreter agrees with the run
            page = explain(grid, tables, number, DAY)
            assert "Cette grille est pour : " in page and ("Note :" in page) == (number in inside)
            assert (as_json(e, number, None)["note"] is None) == e.outside
    mutation = scores.results.filter(grille="mutations")[KEY][0]
    data = write(tmp_path / "d", tables)
    code, said = cli(explain_command, tmp_path / "g", "--donnees", data, "--demande", mutation, "--date", "01/09/2026")
    assert code == 0 and "Cette grille est pour : demandes de mutation ; cette demande en est." in said
    assert (
        "Cette grille est pour : premières demandes ; cette demande n'en est pas, et n'a pas de note de cette grille."
        in said
    )
    assert said.count("Note :") == 2  # the head, and the root of the one grid that is for it


def test_publics_that_overlap_are_refused() -> None:
    grids = [grid_of(text_of(n, f'"{REIMS}"', 5, MUTATION)) for n in ("une", "deux")]
    (said,) = score_tables(grids, made(300), DAY).diagnostics
    assert said.code == "FX6010" and said.place.startswith("g.yaml:5:")


def test_publics_that_leave_someone_out_are_counted() -> None:
    tables = made(300)
    scores = score_tables([grid_of(text_of("une", f'"{REIMS}"', 5, MUTATION))], tables, DAY)
    wanted = attach_territoire(tables.choix).unique([KEY, "territoire"])  # type: ignore[arg-type]
    here = wanted.filter(pl.col("territoire") == REIMS).height
    assert scores.counts.results + scores.counts.outside == here and scores.counts.outside > 0
    assert scores.counts.results + scores.counts.outside + scores.counts.without_grid == wanted.height


def test_two_grids_of_one_name_are_refused() -> None:
    grids = [grid_of(text_of("grille", f'"{e}"')) for e in (REIMS, PARIS)]
    (said,) = score_tables(grids, made(300), DAY).diagnostics
    assert said.code == "FX6011" and said.place.startswith("g.yaml:5:") and "« grille »" in said.message


def test_defects_of_a_run_point_to_the_territory() -> None:
    one, other = grid_of(text_of("une", f'"{REIMS}"')), grid_of(text_of("autre", f'"{REIMS}"'))
    for found in (score_tables([one, other], made(50), DAY), score_tables([one], made(50), DAY.replace(year=2031)),
                  score_tables([one], Tables(made(50).demandes), DAY)):  # fmt: skip
        (said,) = found.diagnostics
        assert said.place.startswith("g.yaml:5:"), said


@pytest.mark.slow
def test_a_shared_grid_is_explained_for_each_territory(tmp_path: Path) -> None:
    tables = generate(1500, 3, DAY, [PARIS, LYON, LILLE])
    assert tables.choix is not None
    number = tables.demandes[KEY][0]
    mine = pl.DataFrame({KEY: [number] * 3, "rang": [1, 2, 3], "code_commune": ["75113", "69123", "59350"]}).cast(
        tables.choix.schema
    )
    tables = Tables(
        tables.demandes,
        tables.membres,
        pl.concat([tables.choix.filter(pl.col(KEY) != number), mine]),
        tables.evenements,
    )
    grid = grid_of(LOCAL)
    scores = score_tables([grid], tables, DAY)
    assert set(scores.results["territoire"]) == {PARIS, LYON, LILLE}
    own = scores.results.filter(pl.col(KEY) == number)
    assert len(own) == 3
    for row in [*own.iter_rows(named=True), *scores.results.sample(25, seed=1).iter_rows(named=True)]:
        e = explanation(grid, tables, row[KEY], DAY, row["territoire"])
        assert (e.note, e.low, e.high) == tuple(row[n] for n in ("note", "note_min", "note_max")), row
    (tmp_path / "g.yaml").write_text(LOCAL, "utf-8")
    data = write(tmp_path / "d", tables)
    code, said = cli(
        explain_command,
        tmp_path / "g.yaml",
        "--donnees",
        data,
        "--demande",
        number,
        "--date",
        "01/09/2026",
        "--format",
        "json",
    )
    pages = json.loads(said)
    assert code == 0 and sorted(n for p in pages for n in p["territoire"].split(" ; ")) == sorted(
        str(nom_territoire(t)) for t in (PARIS, LYON, LILLE)
    )


def test_classes_of_several_fields() -> None:
    scores = score_tables([grid_of(LOCAL)], made(900), DAY)
    demandes = made(900).demandes.select(KEY, "types_logement_recherches", "situation_pro_demandeur")
    rows = scores.positions.join(demandes, on=KEY)
    for row in rows.iter_rows(named=True):
        kind, _, work = row["classe"].partition(" · ")
        assert kind in (row["types_logement_recherches"] or []) or (
            kind == "non renseigné" and not row["types_logement_recherches"]
        )
        assert work == (row["situation_pro_demandeur"] or "non renseigné")
    sizes = rows.group_by("territoire", "classe").agg(
        pl.len().alias("n"), pl.col("effectif").first(), pl.col("position").min()
    )
    assert (sizes["n"] == sizes["effectif"]).all() and (sizes["position"] == 1).all()


def test_two_lists_cannot_make_classes() -> None:
    text = LOCAL.replace("situation_pro_demandeur]", "modes_logement_actuel]")
    assert text != LOCAL
    assert [d.code for d in check_source(Source("g.yaml", text), standard_vocabulary()).diagnostics] == ["FX3060"]


@pytest.mark.parametrize("decimal", [False, True])
def test_thirty_territories_in_one_run(decimal: bool, tmp_path: Path) -> None:
    known = load_territoires().sort("population", descending=True)["territoire"].to_list()
    mine = [REIMS, PARIS, *[t for t in known if t not in (REIMS, PARIS)][:28]]
    tables = generate(3000, 6, DAY, [], struck_off=0.04)
    (tmp_path / "grilles").mkdir()
    for i, epci in enumerate(mine):
        text = text_of(f"grille-{i:02}", f'"{epci}"', i + 1)
        if decimal and i % 2:
            text = text.replace(f"points: {i + 1}}}", f'points: "{i + 1},5"}}')
        (tmp_path / "grilles" / f"{i:02}.yaml").write_text(text, "utf-8")
    frame = tables.demandes.with_columns(
        pl.when(pl.int_range(pl.len()) % 500 == 7).then(None).otherwise(KEY).alias(KEY)
    )
    data = write(tmp_path / "d", Tables(frame, tables.membres, tables.choix, tables.evenements))
    code, said = cli(
        score_command, tmp_path / "grilles", "--donnees", data, "--date", "01/09/2026", "--sortie", tmp_path / "o"
    )
    assert code == 0, said
    found, counts = tables_in(tmp_path / "o"), json.loads((tmp_path / "o" / "recu.json").read_text("utf-8"))["comptes"]
    kept = frame.filter(pl.col(KEY).is_not_null() & (pl.col("statut_demande") != "radiee").fill_null(True))
    assert (
        counts["demandes lues"]
        == 3000
        == counts["demandes rejetées"] + counts["demandes radiées, non notées"] + len(kept)
    )
    assert tables.choix is not None
    pairs = attach_territoire(tables.choix).filter(pl.col(KEY).is_in(kept[KEY].implode())).unique([KEY, "territoire"])
    assert pairs.height == counts["résultats"] + counts["couples demande et territoire sans grille"]
    expected = pairs.filter(pl.col("territoire").is_in(mine)).select(KEY, "territoire").sort("territoire", KEY)
    assert found["resultats"].select(KEY, "territoire").equals(expected) and len(set(expected["territoire"])) > 25
    named = {epci: f"grille-{i:02}" for i, epci in enumerate(mine)}
    assert found["resultats"]["grille"].to_list() == [named[t] for t in expected["territoire"]]
    lines = {n: f for n, f in found.items() if n.startswith("lignes/")}
    assert sum(map(len, lines.values())) == counts["résultats"]
    assert all(set(f["territoire"]) <= {mine[int(n[-2:])]} for n, f in lines.items())
    scored = kept.filter(pl.col(KEY).is_in(expected[KEY].implode()))[KEY].n_unique()
    unscored = kept.filter(~pl.col(KEY).is_in(expected[KEY].implode())).height
    assert scored + unscored == len(kept) == found["resultats"][KEY].n_unique() + unscored
