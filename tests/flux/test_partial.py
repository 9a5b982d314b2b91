"""One defect of structure does not hide the others, and a block that is left out is not complained of twice."""

from __future__ import annotations

import pytest

from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.document.nodes import Mapping
from fluxrules.document.tree import parse_tree
from fluxrules.model.flux.folder import read_document
from fluxrules.text.source import Source
from tests.flux.test_assiette import MARNE

DOCUMENTS = ("conventions/habitat-exemple-grand-reims.yaml", "conventions/habitat-exemple-etat.yaml", "flux/habitat-exemple-2025.yaml",
             "flux/foyer-modele-2026.yaml", "orientations-grand-reims.yaml")  # fmt: skip


def codes(text: str) -> list[str]:
    bag = Bag()
    assert read_document(Source("x.yaml", text), bag)[0] is None
    return sorted(d.code for d in bag.items)


def changed(document: str, *pairs: tuple[str, str]) -> str:
    text = (MARNE / document).read_text("utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def test_every_defect_of_a_convention_comes_out() -> None:
    """A clause of a wrong form, a share above 100 %, a number of rights without its base, an impossible day: four places, four messages."""
    text = changed(DOCUMENTS[0], ("silence: renonciation", "silence: peut-être"), ("part: 12 % du flux", "part: 120 % du flux"),
                   ("part: 20 droits uniques sur 10 ans\n    base: attributions", "part: 20 droits uniques sur 10 ans"), ("21/12/2023", "31/11/2023"))  # fmt: skip
    assert codes(text) == ["FX1003", "FX3004", "FX8003", "FX8005"]


def test_one_broken_item_of_a_list_leaves_the_others() -> None:
    text = changed(DOCUMENTS[0], ("    au titre de: apport de terrain", "    au titre de: bonne volonté"), ("part: 12 % du flux", "part: 120 % du flux"))  # fmt: skip
    assert codes(text) == ["FX3004", "FX8003"]


def test_every_defect_of_a_flux_and_of_orientations_comes_out() -> None:
    text = changed(DOCUMENTS[2], ("livraisons: {mode: à part", "livraisons: {mode: parfois"), ("conventionné et", "conventionne et"),
                   ("mise à jour annuelle: 15/01/2025", "mise à jour annuelle: 31/02/2025"))  # fmt: skip
    found = codes(text)
    assert "FX3004" in found and "FX1003" in found and len(found) == 3
    text = changed(DOCUMENTS[4], ("en vigueur:", "en vigeur:"), ('"200067213"', '"123456789"'))
    assert {"FX3028"} < set(codes(text))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_block_left_out_is_complained_of_once(document: str) -> None:
    """Each block of a sound document, made of a wrong form in its turn: one message or more at that block, none elsewhere."""
    text = (MARNE / document).read_text("utf-8")
    tree = parse_tree(Source("x.yaml", text), Bag())
    assert isinstance(tree, Mapping)
    for entry in tree.entries[2:]:
        span = entry.value.span
        broken = text[: span.start] + "[[faux]]" + text[span.end :]
        bag = Bag()
        assert read_document(Source("x.yaml", broken), bag)[0] is None, entry.key.text
        assert {d.code for d in bag.items} <= {"FX3004", "FX3003"}, (entry.key.text, [d.message for d in bag.items])
