"""No bytes given as a rule file end in a traceback or a hang: they give diagnostics, each with what to do."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from fluxrules.api import check

GRID = (Path(__file__).resolve().parent.parent / "rulesets" / "exemples" / "metropole-exemple.yaml").read_bytes()
NINES = b"9" * 6000


def changed(old: str, new: bytes) -> bytes:
    assert GRID.count(old.encode()) >= 1, old
    return GRID.replace(old.encode(), new, 1)


def read(tmp_path: Path, content: bytes) -> set[str]:
    path = tmp_path / "g.yaml"
    path.write_bytes(content)
    checked = check(path)
    assert all(d.help and d.message for d in checked.diagnostics)
    assert checked.ok or any(d.severity.label == "erreur" for d in checked.diagnostics)
    return {d.code for d in checked.diagnostics}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "FX0003"),
        (b"[" * 30_000, "FX0006"),
        (b"{" * 30_000, "FX0006"),
        (b"- " * 20_000, "FX0006"),
        (b"\0" * 100, "FX0009"),
        (GRID.decode().encode("utf-16"), "FX0001"),
        (changed("si: travailleur_essentiel", b"si: " + b"(" * 30_000 + b"a"), "FX1001"),
        (changed("si: travailleur_essentiel", b"si: " + b"non " * 20_000 + b"DALO"), "FX1001"),
        (changed("si: travailleur_essentiel", b"si: " + b"-" * 20_000 + b"1 > 0"), "FX1001"),
        (changed("plafond: 400", b"plafond: " + NINES), "FX3004"),
        (changed("hôtel: 50", "hôtel: ".encode() + NINES), "FX1001"),
        (changed("âge < 18 ans", "âge < ".encode() + NINES + b" ans"), "FX1001"),
        (changed("au moins un membre", b"au moins " + NINES + b" membre"), "FX1001"),
        (changed("jusqu'à 30 %", "jusqu'à ".encode() + NINES + b" %"), "FX0002"),
        (changed("01/07/2026: 30 mois", b"01/07/2026: " + NINES + b" mois"), "FX3004"),
        (changed("01/07/2026: 30 mois", b"01/07/2026: 99999999 mois"), ""),
        (changed("retrait: 10", b"retrait: " + NINES), "FX3004"),
        (changed("2e refus", NINES + b"e refus"), "FX3004"),
        (changed("plafond du retrait: 20", b"plafond du retrait: " + NINES), "FX3004"),
        (changed("pendant: 12 mois", b"pendant: " + NINES + b" mois"), "FX3004"),
        (changed("loyer_mensuel: 400", b"loyer_mensuel: " + NINES), "FX4003"),
        (changed("ancienneté: 40", "ancienneté: ".encode() + NINES), "FX4003"),
        (changed("note: 290", b"note: " + NINES), "FX3004"),
        (changed("travailleur essentiel:", b"&a travailleur essentiel:"), "FX0005"),
    ],
    ids=lambda x: x if isinstance(x, str) else f"{x[:12]!r}",
)
def test_hostile_texts(tmp_path: Path, content: bytes, code: str) -> None:
    found = read(tmp_path, content)
    assert code in found if code else not found & {"FX3004"}


@pytest.mark.parametrize("seed", range(60))
def test_damaged_texts(tmp_path: Path, seed: int) -> None:
    r = Random(seed)
    for _ in range(2):
        data = bytearray(GRID)
        for _ in range(r.randint(1, 6)):
            at, other = r.randrange(len(data)), r.randrange(len(data))
            match r.randint(0, 3):
                case 0:
                    data[at] = r.randrange(256)
                case 1:
                    del data[at : at + r.randint(1, 40)]
                case 2:
                    data[at:at] = bytes([r.randrange(256)]) * r.randint(1, 5)
                case _:
                    data[at:at] = data[other : other + r.randint(1, 60)]
        read(tmp_path, bytes(data))
