"""Pages lead somewhere, and those written from data say what the data says."""

import re
from pathlib import Path

from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.document.nodes import Scalar
from fluxrules.document.tree import parse_tree
from fluxrules.model.library import all_criteria, library_names, load_libraries
from fluxrules.text.source import Source
from fluxrules.vocabulary.load import standard_vocabulary
from tools import library_page
from tools.vocabulary_page import PAGE, page

ROOT = Path(__file__).resolve().parent.parent


def test_links_of_pages_exist() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
    missing = [
        f"{p.name}: {link}"
        for p in pages
        for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", p.read_text("utf-8"))
        if not (p.parent / link).exists()
    ]
    assert missing == []


def test_the_page_of_the_vocabulary_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8") == page(standard_vocabulary()), "run tools/vocabulary_page.py"


def test_the_page_of_the_libraries_is_up_to_date() -> None:
    assert library_page.PAGE.read_text("utf-8") == library_page.page(), "run tools/library_page.py"


def test_the_page_of_the_language_names_every_library_criterion() -> None:
    text = (ROOT / "docs" / "langage.md").read_text("utf-8")
    written = set(re.findall(r"^    (\D[^:\n]*): \d", text, re.M))
    assert [
        c.name for c in all_criteria().values() if not c.libraries[0].startswith("socles") and c.name not in written
    ] == []


def test_every_derived_field_has_its_source_its_confidence_and_its_date() -> None:
    for d in standard_vocabulary().derived.values():
        day = d.body.get("relevé le")
        assert (
            d.label
            and d.source
            and d.confidence
            and isinstance(day, Scalar)
            and re.fullmatch(r"\d\d/\d\d/\d{4}", day.text)
        ), d.name


def test_libraries_are_read_and_share_no_name() -> None:
    seen: dict[str, str] = {}
    for name in library_names():
        bag = Bag()
        found = load_libraries(parse_tree(Source("g.yaml", f"[{name}]"), bag), bag)
        assert found and not bag.items, name
        for criterion in found:
            assert seen.setdefault(criterion, name) == name, criterion
