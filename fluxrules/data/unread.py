"""Why a table cannot be read, and what an officer does about it in a spreadsheet."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path

from fluxrules.data.csv_form import uneven_row

_AS_CSV = "Dans le tableur : « Enregistrer sous », format « CSV UTF-8 »."
_QUOTE = "Mettez entre guillemets droits les valeurs qui contiennent le séparateur."


class NoTableError(ValueError):
    """A file that is no table of ours; the message is the French reason."""


@dataclass(frozen=True)
class Why:
    """A reason and what to do, in French; the line at fault when there is one."""

    reason: str
    remedy: str
    line: int | None = None


def why_unread(file: Path, error: Exception) -> Why:
    """From the first bytes of the file, then from its rows."""
    if isinstance(error, NoTableError):
        return Why(str(error), "Donnez une table de demandes, en CSV ou en Parquet.")
    if isinstance(error, UnicodeEncodeError):
        return Why("le nom du fichier n'est pas possible", "Renommez-le.")
    if isinstance(error, FileNotFoundError):
        return Why("le fichier n'existe pas", "Vérifiez le chemin donné.")
    if isinstance(error, OSError):
        return Why("le fichier ne peut pas être ouvert", "Vérifiez le chemin donné, et le droit de lire ce fichier.")
    with file.open("rb") as f:
        head = f.read(64 * 1024 * 1024)
    if not head.strip():
        return Why("le fichier est vide", "Donnez un fichier avec une ligne d'en-têtes.")
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return Why("c'est un classeur de tableur, pas un CSV", _AS_CSV)
    if file.suffix == ".parquet":
        return Why("le fichier est tronqué ou d'un autre format", "Vérifiez que le fichier est complet.")
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or not _is_utf8(head):
        return Why("le fichier n'est pas en UTF-8", _AS_CSV)
    uneven = uneven_row(file)
    if uneven is not None:
        line, cells, names = uneven
        return Why(f"cette ligne a {cells} cases, les noms de colonnes en ont {names}", _QUOTE, line)
    return Why("un guillemet n'est pas fermé, ou ce n'est pas un CSV", _QUOTE)


def _is_utf8(head: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)  # a character cut at the end is not an error
    except UnicodeDecodeError:
        return False
    return True
