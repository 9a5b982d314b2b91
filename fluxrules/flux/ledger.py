"""The journal of orientations: lines that are only ever added, each sealed with the one before.

The seal of a line is the SHA-256 of the seal before and of its own values: a line that was changed, moved or taken out breaks the chain
from there on. An entry is undone by another one (ANNULATION) that names it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from fluxrules.diagnostics.diagnostic import Bag, Cell
from fluxrules.flux.parties import BAILLEUR, DEFAULT

COLUMNS = (
    "numero", "date", "acte", "id_liberation", "id_logement", "reservataire", "reservation", "regle", "dauphin", "motif", "annule",
    "empreinte",
)  # fmt: skip
GIVES = ("ORIENTATION", "CHOIX", "REPRISE", "STOCK", "LIVRAISON", "HORS_FLUX")
"""Acts that say where a dwelling goes. One of them stands at a time: a RETOUR, or the ANNULATION of it, comes between two."""
IN_FLUX = ("ORIENTATION", "CHOIX", "REPRISE")
RETURNS = (
    "sans candidat",
    "candidat refuse",
    "commission refuse",
    "réservataire renonce",
    "logement inadapté",
    "tour rendu",
)
"""Why a dwelling comes back: the keys of « décompte » in a convention."""
_MANUAL = ("CHOIX", "CREDIT", "ANNULATION")


@dataclass(frozen=True)
class Entry:
    """One line. ``runner_up``: who came next; ``cancels``: the number of the entry that this one undoes."""

    number: int
    day: date
    act: str
    release: str | None = None
    dwelling: str | None = None
    holder: str | None = None
    reservation: str | None = None
    rule: str | None = None
    runner_up: str | None = None
    reason: str | None = None
    cancels: int | None = None
    seal: str = ""

    @property
    def values(self) -> tuple[object, ...]:
        return (self.number, self.day.isoformat(), self.act, self.release, self.dwelling, self.holder, self.reservation, self.rule,
                self.runner_up, self.reason, self.cancels)  # fmt: skip


def seal(entry: Entry, before: str) -> str:
    """The seal of an entry that follows the one sealed ``before`` (« » for the first)."""
    text = json.dumps([before, *entry.values], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def appended(entries: Sequence[Entry], new: Iterable[Entry]) -> tuple[Entry, ...]:
    """New entries, numbered and sealed after those that stand. The old ones are not touched, nor returned."""
    number, before = (entries[-1].number, entries[-1].seal) if entries else (0, "")
    found = []
    for entry in new:
        number += 1
        numbered = replace(entry, number=number, seal="")
        before = seal(numbered, before)
        found.append(replace(numbered, seal=before))
    return tuple(found)


def entries_of(frame: pl.DataFrame | None) -> tuple[Entry, ...]:
    """The lines of the table « journal », in the order of the file; a line without number, day or act is kept as unreadable (number 0)."""
    if frame is None:
        return ()
    rows = frame.select(pl.col(c).cast(pl.String) if c == "acte" else pl.col(c) for c in COLUMNS).iter_rows()
    return tuple(
        Entry(r[0] or 0, r[1] or date.min, r[2] or "", r[3], r[4], r[5], r[6], r[7], r[8], r[9], r[10], r[11] or "")
        for r in rows
    )


def frame_of(entries: Sequence[Entry]) -> pl.DataFrame:
    """As a table."""
    kinds: dict[str, type[pl.DataType]] = dict.fromkeys(COLUMNS, pl.String) | {
        "numero": pl.Int64,
        "annule": pl.Int64,
        "date": pl.Date,
    }
    rows = [(e.number, e.day, *e.values[2:], e.seal) for e in entries]
    return pl.DataFrame(rows, schema=kinds, orient="row")


def standing(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """The entries that were not undone, without the ANNULATION lines themselves."""
    undone = {e.cancels for e in entries if e.act == "ANNULATION"}
    return tuple(e for e in entries if e.act != "ANNULATION" and e.number not in undone)


def check(
    entries: Sequence[Entry], bag: Bag, *, file: str = "journal", releases: Collection[str] | None = None, holders: Collection[str] | None = None
) -> bool:  # fmt: skip
    """Whether the journal can be trusted. ``releases`` and ``holders``: those that the tables and the conventions know; ``None``: not given.

    FX8401 broken chain; FX8402 unknown réservataire; FX8403 unknown libération; FX8404 act without motive; FX8405 two orientations of one
    libération; FX8406 return with no known motive, or of what nobody holds; FX8407 annulation of what does not stand;
    FX8412 an entry dated before the one that it follows or undoes.
    """
    return _chained(entries, bag, file) and _sensible(entries, bag, file, releases, holders)


def _chained(entries: Sequence[Entry], bag: Bag, file: str) -> bool:
    before = ""
    for i, entry in enumerate(entries, start=1):
        if entry.number != i or entry.seal != seal(entry, before):
            what = f"L'écriture {i} manque" if entry.number > i else f"L'écriture {entry.number or i} a été changée"
            bag.add("FX8401", f"{what} : son empreinte ne suit pas la précédente.", Cell(file, i + 1, "empreinte"),
                    "Reprenez la dernière copie intacte du journal ; une correction s'écrit par une annulation, à la suite.")  # fmt: skip
            return False
        before = entry.seal
    return True


def _sensible(
    entries: Sequence[Entry], bag: Bag, file: str, releases: Collection[str] | None, holders: Collection[str] | None
) -> bool:  # fmt: skip
    known = None if releases is None else set(releases)
    people = None if holders is None else {*holders, BAILLEUR, DEFAULT}
    count = len(bag.items)
    numbers = {e.number: e for e in entries}
    undone: set[int] = set()
    for e in entries:
        if e.act != "ANNULATION":
            continue
        aim = numbers.get(e.cancels or 0)
        if aim is None or aim.number >= e.number or aim.act == "ANNULATION" or aim.number in undone:
            bag.add("FX8407", f"L'écriture {e.number} annule une écriture qui ne tient pas.", Cell(file, e.number + 1, "annule"),
                    "Donnez le numéro d'une écriture d'avant, qui n'est pas déjà annulée.")  # fmt: skip
        else:
            undone.add(aim.number)
            _dated(e, aim, bag, file)
    held: dict[str, Entry] = {}
    back: dict[str, Entry] = {}
    for e in entries:
        place = Cell(file, e.number + 1)
        if e.act in _MANUAL and not (e.reason or "").strip():
            bag.add(
                "FX8404",
                f"L'écriture {e.number} n'a pas de motif.",
                place,
                "Un choix manuel, un crédit ou une annulation dit pourquoi.",
            )
        if people is not None and e.holder is not None and e.holder not in people:
            bag.add("FX8402", f"L'écriture {e.number} nomme un réservataire inconnu : « {e.holder} ».", place,
                    "Donnez le code d'un réservataire des conventions ou de la table « reservataires ».")  # fmt: skip
        if known is not None and e.release is not None and e.release not in known:
            bag.add("FX8403", f"L'écriture {e.number} porte sur une libération inconnue : « {e.release} ».", place,
                    "Ajoutez cette libération à la table, ou annulez l'écriture.")  # fmt: skip
        if e.number in undone or e.release is None:
            continue
        if e.act in GIVES:
            if e.release in held:
                bag.add("FX8405", f"« {e.release} » est orientée deux fois sans retour : écritures {held[e.release].number} et {e.number}.", place,
                        "Écrivez le retour du premier réservataire, ou annulez une des deux écritures.")  # fmt: skip
            held[e.release] = e
            if e.release in back:
                _dated(e, back[e.release], bag, file)
        elif e.act == "RETOUR":
            if held.get(e.release) is None or held[e.release].holder != e.holder or e.reason not in RETURNS:
                bag.add("FX8406", f"Le retour de l'écriture {e.number} ne se comprend pas.", place,
                        f"Un retour vient de celui qui a le logement ; son motif est : {', '.join(RETURNS)}.")  # fmt: skip
            else:
                _dated(e, held[e.release], bag, file)
            held.pop(e.release, None)
            back[e.release] = e
    return len(bag.items) == count


def _dated(entry: Entry, after: Entry, bag: Bag, file: str) -> None:
    """A balance on a day reads the entries of that day and before: one dated before what it follows would count a dwelling twice, or not."""
    if entry.day < after.day:
        bag.add("FX8412", f"L'écriture {entry.number}, du {entry.day:%d/%m/%Y}, suit l'écriture {after.number}, du {after.day:%d/%m/%Y}.",
                Cell(file, entry.number + 1, "date"), "Donnez avec « --le » un jour qui ne la précède pas.")  # fmt: skip
