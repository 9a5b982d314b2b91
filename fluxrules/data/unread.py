"""Why a table cannot be read, and what an officer does about it in a spreadsheet."""

from __future__ import annotations

import codecs
from pathlib import Path

_AS_CSV = "Dans le tableur : « Enregistrer sous », format « CSV UTF-8 »."


def why_unread(file: Path, error: Exception) -> tuple[str, str]:
    """(reason, what to do), both in French, from the first bytes of the file."""
    if isinstance(error, FileNotFoundError):
        return "le fichier n'existe pas", "Vérifiez le chemin donné."
    if isinstance(error, OSError):
        return "le fichier ne peut pas être ouvert", "Vérifiez le chemin donné, et le droit de lire ce fichier."
    head = file.read_bytes()[: 64 * 1024 * 1024]
    if not head.strip():
        return "le fichier est vide", "Donnez un fichier avec une ligne d'en-têtes."
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return "c'est un classeur de tableur, pas un CSV", _AS_CSV
    if file.suffix != ".parquet":
        if head[:2] in (b"\xff\xfe", b"\xfe\xff") or not _is_utf8(head):
            return "le fichier n'est pas en UTF-8", _AS_CSV
        return (
            "une ligne a plus de valeurs qu'il n'y a de colonnes, ou un guillemet n'est pas fermé",
            "Mettez entre guillemets droits les valeurs qui contiennent le séparateur.",
        )
    return "le fichier est tronqué ou d'un autre format", "Vérifiez que le fichier est complet."


def _is_utf8(head: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)  # a character cut at the end is not an error
    except UnicodeDecodeError:
        return False
    return True
