"""Columns that say who the person is: never proposed, never read."""

from __future__ import annotations

import re

import polars as pl

from fluxrules.text.near import fold

# Names of things and places are not names of persons.
_THINGS = {"commune", "ville", "bailleur", "epci", "programme", "residence", "structure", "guichet", "territoire"} | {
    "departement", "region", "organisme", "quartier", "service", "employeur", "logiciel", "fichier", "pays", "table",
}  # fmt: skip
_PERSON = {"nom", "noms", "patronyme", "prenom", "prenoms"}
_CONTACT = {
    "courriel",
    "email",
    "mail",
    "mel",
    "telephone",
    "tel",
    "portable",
    "mobile",
    "fixe",
    "adresse",
    "voie",
    "rue",
}
_NUMBER = {"nir", "nirpp", "nss", "numss", "numsecu", "secu", "insee_personne", "iban", "rib"}
# Month 01-12, or 20-42 and 50-99 where the civil register did not know it; département in two characters.
_NIR = r"^[12378]\d{2}(0[1-9]|1[0-2]|[2-3]\d|4[0-2]|[5-9]\d)(\d{2}|2[AB])\d{6}(\d{2})?$"
_SAMPLE = 200


def named_identity(column: str) -> bool:
    """Whether the name of a column announces a person's name, contact or security number."""
    words = set(words_of(column))
    if words & _NUMBER or {"securite", "sociale"} <= words or "immatriculation" in words:
        return True
    if words & _THINGS:
        return False
    return bool(words & (_PERSON | _CONTACT))


def words_of(column: str) -> list[str]:
    """« DateNaissance_1 » → date, naissance, 1."""
    spaced = re.sub(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Þ])", " ", column)
    return [w for w in re.split(r"[^a-z0-9]+", fold(spaced)) if w]


def looks_like_nir(values: pl.Series) -> bool:
    """Whether most of the first values have the form of a NIR."""
    if values.dtype not in (pl.String, pl.Int64):
        return False
    text = (
        values.drop_nulls().head(_SAMPLE).cast(pl.String).str.replace_all(r"[\s\u00a0\u202f.-]", "").str.to_uppercase()
    )
    text = text.filter(text != "")
    return len(text) > 0 and int(text.str.contains(_NIR).sum()) * 2 > len(text)
