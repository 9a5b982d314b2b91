"""Why the reading of an XML file stopped, in French."""

from __future__ import annotations

from xml.parsers import expat
from xml.parsers.expat import errors


class RefusalError(Exception):
    """Stops the reading of a file. ``reason`` quotes nothing of the file, which may hold names."""

    def __init__(self, code: str, reason: str, line: int | None) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.line = line


_CUT = {
    errors.codes[message]
    for message in (
        errors.XML_ERROR_NO_ELEMENTS,
        errors.XML_ERROR_UNCLOSED_TOKEN,
        errors.XML_ERROR_PARTIAL_CHAR,
        errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
    )
}
_REASONS = {
    errors.codes[message]: reason
    for message, reason in (
        (
            errors.XML_ERROR_INVALID_TOKEN,
            "un caractère n'est pas permis à cet endroit, ou ne suit pas l'encodage annoncé",
        ),
        (errors.XML_ERROR_SYNTAX, "ce n'est pas du XML"),
        (errors.XML_ERROR_TAG_MISMATCH, "une balise fermante ne correspond pas à la balise ouverte"),
        (errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT, "le fichier contient plusieurs documents XML à la suite"),
        (errors.XML_ERROR_UNBOUND_PREFIX, "un préfixe est employé sans être déclaré"),
        (errors.XML_ERROR_UNKNOWN_ENCODING, "l'encodage annoncé n'est pas pris en charge"),
        (errors.XML_ERROR_INCORRECT_ENCODING, "l'encodage annoncé n'est pas celui du fichier"),
        (errors.XML_ERROR_UNDEFINED_ENTITY, "une entité n'est pas définie"),
    )
}


def about_error(error: expat.ExpatError, *, empty: bool) -> RefusalError:
    """The refusal that an error of the XML parser amounts to."""
    if empty:
        return RefusalError("FX5020", "le fichier est vide", None)
    if error.code in _CUT:
        return RefusalError("FX5021", "le fichier s'arrête avant sa fin", error.lineno)
    return RefusalError("FX5020", _REASONS.get(error.code, "ce n'est pas du XML bien formé"), error.lineno)
