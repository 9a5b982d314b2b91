"""Each criterion of the libraries, by the interpreter: a household that has it, one that has not, and one of whom nothing is known."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from fluxrules.api import check_source
from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.engines.interpreter import Result, evaluate
from fluxrules.ir import nodes as n
from fluxrules.ir.evidence import declared
from fluxrules.ir.walk import descend
from fluxrules.model.library import Criterion, all_criteria, legal_categories
from fluxrules.model.lower import lower_condition
from fluxrules.model.names import Env
from fluxrules.text.source import Source
from fluxrules.vocabulary.load import standard_vocabulary

DATA = Path(__file__).parent / "data" / "critères.yaml"
CASES: dict[str, dict[str, dict[str, Any]]] = yaml.load(DATA.read_text("utf-8"), Loader=yaml.BaseLoader)
# The codes of legal.md, section C: whoever asks which categories a grid covers uses these names.
CODES = {
    "DALO", "P_HANDICAP", "P_ACT", "P_MAL_LOGE", "P_HEBERGE_TEMP", "P_REPRISE_EMPLOI", "P_HABITAT_INDIGNE", "P_VIOLENCES",
    "P_VIOL_AGRESSION", "P_PROSTITUTION", "P_TRAITE", "P_MINEUR_SUROCC", "P_SANS_LOGEMENT", "P_EXPULSION", "P_ASE",
}  # fmt: skip
CONFIDENCES = {
    "lu dans le texte", "lu dans le texte et source secondaire", "source secondaire",
    "source secondaire et version du code de 2017", "définition du projet", "de mémoire, à vérifier",
}  # fmt: skip
DAY = "01/09/2026"
CERTAIN = sorted(name for name, case in CASES.items() if "certain" in case)


def result(criterion: str, facts: dict[str, Any], libraries: tuple[str, ...] = ()) -> Result:
    """One line, on one household. ``criterion``: the name of one and a weight, or a line of its own."""
    lines = [
        "langage: 1", "cotation: essai", "nature: fragment", f"s'appuie sur: [{', '.join(libraries)}]",
        f"note: {{retenir: la somme, critères: {{{criterion}}}}}", "ex æquo: aucun départage",
        f"exemples: [{{nom: essai, à la date du: {DAY}, faits: {json.dumps(facts, ensure_ascii=False)}, attendu: {{}}}}]",
    ]  # fmt: skip
    found = check_source(Source("essai.yaml", "\n".join(lines)), standard_vocabulary())
    assert found.grid is not None, [(d.code, d.message) for d in found.diagnostics]
    return evaluate(declared(found.grid.program), found.grid.examples[0].facts, date(2026, 9, 1))


def interval(r: Result) -> tuple[int, int, int]:
    return r.note, r.note_min, r.note_max


@pytest.mark.parametrize("name", CASES)
def test_a_criterion_is_true_false_or_unknown(name: str) -> None:
    libraries = all_criteria()[name].libraries
    assert interval(result(f"{name}: 1", CASES[name]["vrai"], libraries)) == (1, 1, 1)
    assert interval(result(f"{name}: 1", CASES[name]["faux"], libraries)) == (0, 0, 0)
    note, low, high = interval(result(f"{name}: 1", {}, libraries))
    assert (note, low) == (0, 0) and high > 0


def test_every_criterion_has_its_households() -> None:
    assert CASES.keys() == all_criteria().keys()
    assert sorted(c.name for c in all_criteria().values() if c.certain is not None) == CERTAIN


@pytest.mark.parametrize("name", CERTAIN)
def test_a_certain_case_is_inside_its_category(name: str) -> None:
    criterion = all_criteria()[name]
    assert criterion.certain is not None and criterion.condition is not None and criterion.least is criterion.certain
    alone, both = criterion.certain.text, f"({criterion.certain.text}) et non ({criterion.condition.text})"
    assert interval(result(f"x: {{si: '{quoted(alone)}', points: 1}}", CASES[name]["certain"])) == (1, 1, 1)
    for case in ("vrai", "faux", "certain"):  # never certain without being in the category
        assert result(f"x: {{si: '{quoted(both)}', points: 1}}", CASES[name][case]).note == 0
    assert result(f"x: {{si: '{quoted(alone)}', points: 1}}", CASES[name]["vrai"]).note == 0


def quoted(text: str) -> str:
    return text.replace("'", "''")


def test_the_fifteen_categories_are_there_each_once() -> None:
    assert set(legal_categories()) == CODES
    legal = [c for c in all_criteria().values() if c.libraries == ("bibliothèque/priorités-légales",)]
    assert len(legal) == len(CODES) and all(c.covers == (c.category,) for c in legal)
    assert all(c.document and c.validator and c.limit and c.reading for c in legal)
    assert all(re.match(r"CCH L\. 441-1\b", c.article) for c in legal)


def test_a_criterion_says_what_it_rests_on() -> None:
    for c in all_criteria().values():
        assert c.article and c.confidence in CONFIDENCES and (not c.reading or c.reading in CONFIDENCES), c.name
        assert (c.condition is None) != (c.step is None), c.name
        assert set(c.covers) <= CODES, c.name
        assert c.libraries[0].startswith("socles") or re.fullmatch(r"\d\d/\d\d/\d{4}", c.noted), c.name


def read_codes(c: Criterion) -> dict[str, set[str]]:
    """The codes of the demande's own fields that the conditions of a criterion name, by field."""
    found: dict[str, set[str]] = {}
    for scalar in (c.condition, c.certain):
        lowered = scalar and lower_condition(Env(standard_vocabulary(), Bag()), scalar, "demande")
        for node in descend(lowered) if lowered else ():
            if (
                isinstance(node, n.ContainsAny | n.IsOneOf)
                and isinstance(node.item, n.Field)
                and node.item.entity == "demande"
            ):
                found.setdefault(node.item.name, set()).update(node.codes)
    return found


def test_what_the_sne_carries_is_what_the_condition_reads() -> None:
    words = standard_vocabulary()
    fields = {f.name: f for e in words.entities.values() for f in e.all_fields.values()}
    for c in all_criteria().values():
        carried = {name: set(codes) for name, codes in c.sne}
        assert all(fields[name].source == "interface" for name in carried), c.name
        assert all(
            carried[name] <= set(words.nomenclature_of(fields[name]).labels) for name in carried if carried[name]
        ), c.name
        if c.libraries[0].startswith("socles"):
            continue
        for name, codes in read_codes(c).items():
            assert fields[name].source != "interface" or carried.get(name) == codes, (c.name, name)
