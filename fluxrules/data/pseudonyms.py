"""Keyed pseudonyms: HMAC-SHA256 of the numéro unique, cut to 128 bits. Without the key, nobody goes from one to the other.

The same number and key always give the same pseudonym, so that two runs can be joined. Pseudonymised data is still personal data.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from fluxrules.data.outputs import PSEUDONYM
from fluxrules.data.tables import KEY

_FORM = re.compile(r"fluxrules-cle-1 ([0-9a-f]{64})\s*")
_HEAD = "fluxrules-cle-1"
_DIGITS = 32
_MARKERS = (
    "recu.json",
    "LISEZMOI.json",
    "LISEZMOI.txt",
    *(f"{t}.{e}" for t in ("demandes", "resultats") for e in ("parquet", "csv")),
)


class KeyRefusedError(Exception):
    """The key cannot serve; the message is a French sentence."""


@dataclass(frozen=True)
class Key:
    """A secret key. ``mark`` names it without giving it away: two folders of the same mark can be joined."""

    secret: bytes = field(repr=False)

    @property
    def mark(self) -> str:
        return hmac.new(self.secret, b"fluxrules: marque de la cle", hashlib.sha256).hexdigest()[:16]


def create_key(path: Path) -> Key:
    """A new key in a new file that only its owner reads. Raises ``KeyRefusedError``."""
    _outside(path, ())
    secret = secrets.token_bytes(32)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise KeyRefusedError(f"« {path} » existe déjà : une clé n'est jamais remplacée") from error
    except OSError as error:
        raise KeyRefusedError(f"« {path} » ne s'écrit pas") from error
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"{_HEAD} {secret.hex()}\n")
    return Key(secret)


def read_key(path: Path, folders: Sequence[Path] = ()) -> Key:
    """The key of a file; ``folders`` are the data and outputs of the command, where a key may not lie. Raises ``KeyRefusedError``."""
    try:
        with path.open("r", encoding="ascii") as file:
            mode = os.fstat(file.fileno()).st_mode
            found = _FORM.fullmatch(file.read(200))
    except (OSError, UnicodeDecodeError) as error:
        raise KeyRefusedError(f"la clé « {path} » ne se lit pas") from error
    if found is None:
        raise KeyRefusedError(f"« {path} » n'est pas une clé écrite par « fluxrules export cle »")
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise KeyRefusedError(f"d'autres que vous peuvent lire la clé « {path} » : tapez « chmod 600 » sur ce fichier")
    _outside(path, folders)
    return Key(bytes.fromhex(found[1]))


def _outside(path: Path, folders: Sequence[Path]) -> None:
    """A key beside the data that it hides hides nothing: it would be copied with it."""
    real = path.resolve()
    for parent in real.parents:
        if any(parent == f.resolve() for f in folders) or any((parent / m).is_file() for m in _MARKERS):
            raise KeyRefusedError(
                f"la clé « {path} » est dans un dossier de données ou de résultats : gardez-la ailleurs"
            )


def pseudonym_table(numbers: pl.Series, key: Key) -> pl.DataFrame:
    """``numero_unique``, ``pseudonyme``: one row a distinct number."""
    distinct = numbers.drop_nulls().unique()
    inner, outer = _pads(key.secret)
    found: list[str] = []
    for number in distinct.to_list():
        first, second = inner.copy(), outer.copy()
        first.update(number.encode())
        second.update(first.digest())
        found.append(second.hexdigest()[:_DIGITS])
    return pl.DataFrame({KEY: distinct.cast(pl.String), PSEUDONYM: pl.Series(found, dtype=pl.String)})


def _pads(secret: bytes) -> tuple[hashlib._Hash, hashlib._Hash]:
    """HMAC by its definition (RFC 2104): two hashes already fed with the key, to be copied. Three times faster than ``hmac``."""
    block = secret.ljust(64, b"\0")
    return hashlib.sha256(bytes(b ^ 0x36 for b in block)), hashlib.sha256(bytes(b ^ 0x5C for b in block))


def pseudonymise(frame: pl.DataFrame, key: Key) -> pl.DataFrame:
    """The frame with ``pseudonyme`` in the place of ``numero_unique``. Rows are sorted by it: the old order would tell who is who."""
    columns = [PSEUDONYM if c == KEY else c for c in frame.columns]
    joined = frame.join(pseudonym_table(frame[KEY], key), on=KEY, how="left").select(columns)
    keys = [PSEUDONYM, *(c for c, t in joined.schema.items() if c != PSEUDONYM and not t.is_nested())]
    return joined.sort(keys, nulls_last=True)
