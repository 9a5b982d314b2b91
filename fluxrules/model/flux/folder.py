"""The documents of a département's folder: conventions, yearly fluxes, orientations, whichever files they are in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from fluxrules.diagnostics.diagnostic import Bag, Label
from fluxrules.document.nodes import Mapping
from fluxrules.document.tree import parse_tree
from fluxrules.model.flux.convention import read_convention
from fluxrules.model.flux.orientations import Orientations, read_orientations
from fluxrules.model.flux.values import Convention, Scale
from fluxrules.model.flux.year import FluxYear, read_year
from fluxrules.text.source import Source, Unreadable, read_source

Document = Convention | FluxYear | Orientations
PARTS = ("conventions", "flux", "orientations", "donnees")
"""Sub-folders by which one département sorts its documents."""
KINDS = ("convention", "flux", "orientations")


@dataclass(frozen=True)
class Dossier:
    """The documents without error. ``complete``: none was left out for its errors."""

    conventions: tuple[Convention, ...] = ()
    years: tuple[FluxYear, ...] = ()
    orientations: tuple[Orientations, ...] = ()
    complete: bool = True

    def of_bailleur(self, code: str) -> Dossier:
        """The conventions and fluxes of one bailleur; orientations are for all."""
        conventions = tuple(c for c in self.conventions if c.bailleur.code == code)
        return replace(self, conventions=conventions, years=tuple(y for y in self.years if y.bailleur.code == code))

    def of(self, bailleur: str, day: date) -> tuple[Convention, ...]:
        """The conventions of a bailleur whose dates cover a day."""
        return tuple(c for c in self.conventions if c.bailleur.code == bailleur and c.applies(day))


def flux_files(path: Path) -> list[Path]:
    """The rule files of a folder and of those below it, sorted; a file stands for itself."""
    return sorted(path.rglob("*.yaml")) if path.is_dir() else [path]


def departements(path: Path) -> list[Path]:
    """The folder of each département: a folder whose sub-folders hold documents of their own is a country, else it is one itself."""
    if not path.is_dir() or any(path.glob("*.yaml")) or any((path / name).is_dir() for name in PARTS):
        return [path]
    below = sorted(p for p in path.iterdir() if p.is_dir())
    return [p for p in below if next(p.rglob("*.yaml"), None) is not None] or [path]


def read_dossier(paths: Iterable[Path], bag: Bag) -> Dossier:
    """Read files; a file of another kind (a grid) is passed over. Two documents of one name are reported."""
    found: list[Document] = []
    complete = True
    for path in paths:
        source = read_source(path)
        if isinstance(source, Unreadable):
            bag.add("FX0001", f"Le fichier ne peut pas être lu : {source.reason}.", Source(source.name, "").span(0, 0),
                    "Donnez un fichier YAML enregistré en UTF-8.")  # fmt: skip
            complete = False
            continue
        document, whole = read_document(source, bag)
        complete &= whole
        if document is not None:
            found.append(document)
    _twice(found, bag)
    return Dossier(
        followed([d for d in found if isinstance(d, Convention)]),
        tuple(d for d in found if isinstance(d, FluxYear)),
        tuple(d for d in found if isinstance(d, Orientations)),
        complete,
    )


def read_document(source: Source, bag: Bag) -> tuple[Document | None, bool]:
    """The document of a text, and whether it is whole; a grid or a library is no document of flux, and no defect."""
    tree = parse_tree(source, bag)
    if tree is None:
        return None, False
    if not isinstance(tree, Mapping):
        bag.add(
            "FX3001",
            "Un document est un bloc de clés.",
            tree.span,
            "Commencez par « langage: 1 », puis « convention: nom ».",
        )
        return None, False
    if tree.get("convention") is not None:
        document: Document | None = read_convention(tree, bag)
    elif tree.get("flux") is not None:
        document = read_year(tree, bag)
    elif tree.get("orientations") is not None:
        document = read_orientations(tree, bag)
    else:
        known = any(tree.get(k) is not None for k in ("cotation", "bibliothèque", "correspondance", "loi"))
        if not known:
            first = tree.entries[0].key.span if tree.entries else tree.span
            bag.add("FX8001", "Ce fichier n'est ni une convention, ni un flux, ni des orientations.", first,
                    "Ajoutez « convention: … », « flux: … » ou « orientations: … ».")  # fmt: skip
        return None, known
    return document, document is not None


def followed(conventions: Sequence[Convention]) -> tuple[Convention, ...]:
    """A tacit renewal stops on the eve of the convention that takes its place: same parties, same scale, signed, and begun after its written end."""

    starts: dict[tuple[str, str, Scale], list[date]] = {}
    for c in conventions:
        if c.nature == "en vigueur" and c.fully_signed:
            starts.setdefault((c.bailleur.code, c.reservataire.code, c.scale), []).append(c.since)

    def eve(c: Convention) -> date | None:
        if not c.renews or c.until is None:
            return c.ended
        after = [s for s in starts.get((c.bailleur.code, c.reservataire.code, c.scale), ()) if s > c.until]
        ends = [min(after) - timedelta(days=1)] if after else []
        return min([*ends, *([c.ended] if c.ended is not None else [])], default=None)

    return tuple(c if (end := eve(c)) == c.ended else replace(c, ended=end) for c in conventions)


def _twice(found: list[Document], bag: Bag) -> None:
    seen: dict[tuple[type, str], Document] = {}
    for document in found:
        key = (type(document), document.name)
        first = seen.setdefault(key, document)
        if first is not document:
            bag.add("FX8009", f"Deux documents s'appellent « {document.name} ».", document.place, "Donnez à chacun son nom.",
                    labels=(Label(first.place, "le premier"),))  # fmt: skip
