"""Why a table cannot be read, and what an officer does about it in a spreadsheet."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fluxrules.data.csv_form import open_quote, separator_of

_AS_CSV = "Dans le tableur : « Enregistrer sous », format « CSV UTF-8 »."
UNEVEN = "Donnez à la ligne autant de cases que de noms ; mettez entre guillemets droits une valeur qui contient le séparateur."
OPEN_QUOTE = "Fermez le guillemet droit, ou retirez-le."


@dataclass(frozen=True)
class Why:
    """A reason and what to do, in French; the line at fault when there is one."""

    reason: str
    remedy: str
    line: int | None = None


class NoTableError(ValueError):
    """A file that is no table of ours: why, in French, and the line at fault when there is one."""

    def __init__(self, reason: str, remedy: str = "Donnez une table en CSV ou en Parquet.", line: int | None = None):
        super().__init__(reason)
        self.why = Why(reason, remedy, line)


def why_unread(file: Path, error: Exception) -> Why:
    """From the first bytes of the file, then from its rows."""
    if isinstance(error, NoTableError):
        return error.why
    if isinstance(error, UnicodeEncodeError):
        return Why(
            "le système n'est pas réglé pour ce nom de fichier", "Renommez-le sans accent, ou réglez PYTHONUTF8=1."
        )
    if isinstance(error, FileNotFoundError):
        return Why("le fichier n'existe pas", "Vérifiez le chemin donné.")
    if isinstance(error, OSError):
        return Why("le fichier ne peut pas être ouvert", "Vérifiez le chemin donné, et le droit de lire ce fichier.")
    if file.is_dir():
        broken = next((p.name for p in sorted(file.glob("*.parquet")) if not _opens(p)), None)
        which = (
            f"sa part « {broken} » est tronquée ou d'un autre format"
            if broken
            else "ses parts sont abîmées, ou n'ont pas les mêmes colonnes"
        )
        return Why(which, "Vérifiez que chaque part est complète.")
    with file.open("rb") as f:
        head = f.read(64 * 1024 * 1024)
    if not head.strip():
        return Why("le fichier est vide", "Donnez un fichier avec une ligne d'en-têtes.")
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return Why("c'est un classeur de tableur, pas un CSV", _AS_CSV)
    if file.suffix == ".parquet":
        return Why("le fichier est tronqué ou d'un autre format", "Vérifiez que le fichier est complet.")
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return Why("le fichier n'est pas en UTF-8", _AS_CSV)
    line = _not_utf8(file)
    if line is not None:
        return Why("le fichier n'est pas en UTF-8 : un caractère de cette ligne ne se lit pas", _AS_CSV, line)
    line = open_quote(file, separator_of(head))
    if line is not None:
        return Why("un guillemet ouvert à cette ligne n'est pas fermé", OPEN_QUOTE, line)
    return Why("ce n'est pas un CSV", _AS_CSV)


def _opens(file: Path) -> bool:
    import polars as pl

    try:
        pl.scan_parquet(file, glob=False).collect_schema()
    except (pl.exceptions.PolarsError, OSError):
        return False
    return True


def _not_utf8(file: Path) -> int | None:
    """The first line with a byte that is not UTF-8, as Windows-1252 has."""
    with file.open("rb") as f:
        for number, line in enumerate(f, 1):
            try:
                line.decode()
            except UnicodeDecodeError:
                return number
    return None
