"""A band said as the author would write it, so that a missing one can be pasted."""

from __future__ import annotations

import re
from fractions import Fraction

from fluxrules.ir import nodes as n
from fluxrules.language.numbers import show_number
from fluxrules.language.parser import parse_band
from fluxrules.language.syntax import Problem
from fluxrules.language.units import WRITTEN

_SLIPS = (
    (re.compile(r"^(>=|≥)\s*(.+)$"), "à partir de {1}"),
    (re.compile(r"^>\s*(.+)$"), "plus de {0}"),
    (re.compile(r"^(<=|≤)\s*(.+)$"), "jusqu'à {1}"),
    (re.compile(r"^<\s*(.+)$"), "moins de {0}"),
    (re.compile(r"^(.+?)\s+(?:et|ou)\s+plus$"), "à partir de {0}"),
    (re.compile(r"^(.+?)\s+(?:et|ou)\s+moins$"), "jusqu'à {0}"),
    (re.compile(r"^(?:jusqu['’]?\s?a|jusque|maximum|max)\s+(.+)$", re.IGNORECASE), "jusqu'à {0}"),
    (re.compile(r"^plus\s+(\d.*)$"), "plus de {0}"),
    (re.compile(r"^moins\s+(\d.*)$"), "moins de {0}"),
    (re.compile(r"^(?:entre\s+)?0(?: ?\D\S*)?\s*(?:à|a|et|-|–)\s*(\d.*)$"), "jusqu'à {0}"),
    (re.compile(r"^(?:entre\s+)?(\S+(?: \D\S*)?)\s*(?:à|a|et|-|–)\s*(\d.*)$"), "plus de {0} jusqu'à {1}"),
)
LONGEST = 100
_ONE = ("an", "année", "jour")


def say_band(b: n.Band, unit: str | None) -> str:
    """« plus de 30 % jusqu'à 40 % », with bounds in a written unit."""
    low = None if b.low is None else _bound(b.low, unit)
    high = None if b.high is None else _bound(b.high, unit)
    if low is None and high is None:
        return "toutes les valeurs"
    if low is None:
        return f"jusqu'à {high}" if b.high_in else f"moins de {high}"
    start = f"à partir de {low}" if b.low_in else f"plus de {low}"
    if high is None:
        return start
    if b.low == b.high:
        return low
    return f"{start} jusqu'à {high}" if b.high_in else f"{start} et moins de {high}"


def band_help(written: str) -> str:
    """How to write a band that was not understood: the author's own when its meaning can be guessed."""
    for pattern, form in _SLIPS if len(written) <= LONGEST else ():
        match = pattern.match(written.strip())
        if match:
            guess = form.format(*match.groups())
            if not isinstance(parse_band(guess), Problem):
                return f"Écrivez par exemple « {guess} »."
    return "Écrivez « jusqu'à 30 % », « plus de 30 % jusqu'à 40 % », « plus de 40 % »."


def _bound(value: Fraction, unit: str | None) -> str:
    if unit is None:
        return show_number(value)
    shown = value / WRITTEN[unit][1]
    word = f"{unit}s" if unit in _ONE and abs(shown) >= 2 else unit
    return f"{show_number(shown)} {word}"
