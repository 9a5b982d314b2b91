"""Numbers, dates and durations as French people write them, read exactly."""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction

# No amount, duration or count of the domain is near it, and Python refuses to read a number of thousands of digits.
MOST_DIGITS = 40

_NUMBER = re.compile(r"([-−–])?\s*(\d{1,3}(?:[ \u00a0\u202f]\d{3})+|\d+)(?:,(\d+))?")
_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_QUANTITY = re.compile(_NUMBER.pattern + r"[ \u00a0\u202f]*(%|€/mois|€/an|€|m²|mois|années?|ans?|jours?)?")


def read_number(text: str) -> Fraction | None:
    """``1 250,50`` → 2501/2; ``None`` when it is not a number, or has more than ``MOST_DIGITS`` digits."""
    match = _NUMBER.fullmatch(text.strip())
    return _value(match) if match and not too_long(text) else None


def read_quantity(text: str) -> tuple[Fraction, str | None] | None:
    """``36 mois`` → (36, "mois")."""
    match = _QUANTITY.fullmatch(text.strip())
    return (_value(match), match[4]) if match and not too_long(text) else None


def too_long(text: str) -> bool:
    """Whether a number has more digits than are read."""
    return sum(c.isdigit() for c in text) > MOST_DIGITS


def _value(match: re.Match[str]) -> Fraction:
    digits = re.sub(r"\D", "", match[2])
    value = Fraction(int(digits))
    if match[3]:
        value += Fraction(int(match[3]), 10 ** len(match[3]))
    return -value if match[1] else value


def read_date(text: str) -> date | None:
    """``14/12/2023``; ``None`` for another form or a day that does not exist."""
    match = _DATE.fullmatch(text.strip())
    if not match:
        return None
    try:
        return date(int(match[3]), int(match[2]), int(match[1]))
    except ValueError:
        return None


def has_date_form(text: str) -> bool:
    """Whether a text is written jour/mois/année, even for a day that does not exist."""
    return _DATE.fullmatch(text.strip()) is not None


def show_date(day: date) -> str:
    return f"{day.day:02d}/{day.month:02d}/{day.year:04d}"


def show_number(value: Fraction | int, digits: int = 4) -> str:
    """French form: space between thousands, comma; rounded to ``digits`` decimals for the eye only (with ≈ when it is)."""
    exact = Fraction(value)
    scaled = round(exact * 10**digits)
    mark = "" if Fraction(scaled, 10**digits) == exact else "≈ "
    sign, scaled = ("−" if scaled < 0 else ""), abs(scaled)
    whole, rest = divmod(scaled, 10**digits)
    text = f"{whole:,}".replace(",", " ")
    decimals = f"{rest:0{digits}d}".rstrip("0") if digits else ""
    return mark + sign + text + (f",{decimals}" if decimals else "")
