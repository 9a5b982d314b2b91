"""What a file seems to hold: each column and the field that its name and its values call for. A proposal, to be read over."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path

import polars as pl

from fluxrules.data.mapping.extract import columns_of, is_workbook
from fluxrules.data.mapping.forms import dates
from fluxrules.data.mapping.identity import looks_like_nir, named_identity, words_of
from fluxrules.data.mapping.spec import Layout
from fluxrules.data.text_table import separator_of, sniffed_encoding
from fluxrules.text.near import fold
from fluxrules.vocabulary.fields import FieldDef, Vocabulary
from fluxrules.vocabulary.territoires import load_communes

FORMS = (
    "jj/mm/aaaa",
    "aaaa-mm-jj",
    "aaaammjj",
    "jj-mm-aaaa",
    "jj.mm.aaaa",
    "mm/jj/aaaa",
    "jj/mm/aaaa hh:mm",
    "aaaa-mm-jj hh:mm:ss",
)
NEAR, MOST_CODES = 0.6, 40
LOOKED_UP = "référentiel"
"""The source of a field that published tables give: a file seldom has it, and then under its name."""
_SHORT = {
    "dt": "date", "dte": "date", "num": "numero", "no": "numero", "nb": "nombre", "nbre": "nombre", "mt": "montant", "mnt": "montant",
    "log": "logement", "lgt": "logement", "dem": "demandeur", "ress": "ressources", "com": "commune", "insee": "commune", "sit": "situation",
    "pro": "professionnelle", "fam": "familiale", "naiss": "naissance", "renouv": "renouvellement", "rech": "recherche", "surf": "surface",
    "apl": "aide", "typ": "type", "cat": "categorie", "pieces": "pieces", "evt": "evenement", "souhaitee": "souhaitee", "enf": "enfant", "res": "residence", "ess": "essentiel",
}  # fmt: skip
_STOP = {
    "de",
    "du",
    "des",
    "la",
    "le",
    "les",
    "l",
    "d",
    "au",
    "a",
    "en",
    "et",
    "ou",
    "par",
    "un",
    "une",
    "code",
    "liste",
}
_NOTHING = ("nr", "nc", "n/a", "na", "nd", "nsp", "-", "?", "null", "non renseigné", "non renseignée", "non communiqué")
"""Texts that software writes where nothing is filled."""
_GENERIC = {
    "date",
    "type",
    "nombre",
    "montant",
    "numero",
    "logement",
    "demande",
    "demandeur",
    "statut",
    "actuel",
    "rang",
    "categorie",
}
_KEY_NAMES = (
    "numero_unique",
    "num_unique",
    "nuu",
    "numero_demande",
    "num_demande",
    "num_dem",
    "numero",
    "nud",
    "no_demande",
    "id_demande",
    "num",
)
_YEAR = re.compile(r"(?<![a-z])n[-_ ]?(\d)(?!\d)")
_SERIES = re.compile(r"^(.*?)(\d{1,3})(\D*)$")


@dataclass(frozen=True)
class Seen:
    """A column, or a series of columns that differ by a number; ``kind``: what its values look like."""

    name: str
    columns: tuple[str, ...]
    kind: str
    values: pl.Series
    forms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Match:
    seen: Seen
    field: FieldDef
    score: float


@dataclass(frozen=True)
class Proposal:
    """A file, how it is written, and what its columns could give. ``identities`` were seen by name or form, never shown."""

    file: Path
    layout: Layout
    key: str | None
    matches: tuple[Match, ...]
    unplaced: tuple[Seen, ...]
    identities: tuple[str, ...]
    several: bool
    sheet: str | None = field(default=None)


def propose(file: Path, vocabulary: Vocabulary) -> Proposal:
    """Look at the columns of a file. Raises ``UnreadableTableError`` or ``OSError``."""
    layout = Layout()
    if not is_workbook(file):
        encoding = sniffed_encoding(file)
        layout = replace(layout, encoding=encoding, separator=separator_of(file, encoding))
    names, sample = columns_of(file, layout, None)
    names = [n for n in dict.fromkeys(names) if n in sample.columns]
    sample = sample.with_columns(pl.col(n).str.strip_chars() for n in names)
    hidden = tuple(n for n in names if named_identity(n) or looks_like_nir(sample[n]))
    open_names = [n for n in names if n not in hidden]
    key = _key(open_names, sample)
    seen = [_seen(name, columns, sample) for name, columns in _series([n for n in open_names if n != key])]
    several = key is not None and bool(sample[key].drop_nulls().is_duplicated().any())
    matches = _matched(seen, vocabulary, several)
    placed = {m.seen.name for m in matches}
    forms = dict.fromkeys(f for s in seen for f in s.forms)
    decimal = "." if any(s.kind == "nombre à point" for s in seen) else ","
    blanks = {
        v for n in open_names if n != key for v in sample[n].unique().drop_nulls().to_list() if v.lower() in _NOTHING
    }
    layout = replace(layout, dates=tuple(forms) or layout.dates, decimal=decimal, blanks=frozenset(blanks))
    return Proposal(file, layout, key, matches, tuple(s for s in seen if s.name not in placed), hidden, several)


def _key(names: list[str], sample: pl.DataFrame) -> str | None:
    """The column of the number: by its name first, else nothing is proposed."""
    folded = {"_".join(words_of(n)): n for n in names}
    found = next((folded[k] for k in _KEY_NAMES if k in folded), None)
    if found is None:
        found = next((n for k, n in folded.items() if "unique" in k or k.startswith(("num_dem", "numero_dem"))), None)
    return found


def _series(names: list[str]) -> list[tuple[str, tuple[str, ...]]]:
    """Columns of one series (COMMUNE_1 … COMMUNE_10) put together, under « COMMUNE_{1..10} »."""
    groups: dict[tuple[str, str], dict[int, str]] = {}
    for n in names:
        match = _SERIES.match(n)
        if match and not _YEAR.search(fold(n)):  # RFR_N1 and RFR_N2 are two years, not two places of a list
            groups.setdefault((match[1], match[3]), {})[int(match[2])] = n
    found: list[tuple[str, tuple[str, ...]]] = []
    for n in names:
        match = _SERIES.match(n)
        group = groups.get((match[1], match[3]), {}) if match else {}
        numbers = sorted(group)
        if match and len(numbers) > 1 and numbers[-1] - numbers[0] + 1 == len(numbers) and numbers[0] <= 1:
            first, last = _SERIES.match(group[numbers[0]]), _SERIES.match(group[numbers[-1]])
            assert first and last
            if n == group[numbers[0]]:
                found.append((f"{match[1]}{{{first[2]}..{last[2]}}}{match[3]}", tuple(group[i] for i in numbers)))
        else:
            found.append((n, (n,)))
    return found


def _seen(name: str, columns: tuple[str, ...], sample: pl.DataFrame) -> Seen:
    values = pl.concat([sample[c].alias("v") for c in columns])
    values = values.filter(values.is_not_null() & (values != "") & ~values.str.to_lowercase().is_in(_NOTHING))
    forms = tuple(
        f for f in FORMS if len(values) and int(dates(values, (f,)).is_not_null().sum()) * 4 >= len(values) * 3
    )[:1]
    return Seen(name, columns, _kind(values, forms), values, forms)


def _kind(values: pl.Series, forms: tuple[str, ...]) -> str:
    def share(mask: pl.Series) -> bool:
        return (
            int(mask.fill_null(False).sum()) * 4 >= len(values) * 3
        )  # a file has odd values: most of them tell what a column holds

    if not len(values):
        return "vide"
    if forms:
        return "date"
    padded = values.str.zfill(5)
    if share(values.str.contains(r"^(\d{4,5}|2[AB]\d{3})$") & padded.is_in(load_communes()["commune"].implode())):
        return "commune"
    if share(values.str.to_lowercase().is_in(["oui", "non", "true", "false", "vrai", "faux", "o", "n", "0", "1"])):
        return "booléen"
    if share(values.str.contains(r"^[-−]?\d[\d \u00a0\u202f]*(,\d+)?\s*€?$")):
        return "nombre"
    if share(values.str.contains(r"^-?\d+(\.\d+)?$")):
        return "nombre à point"
    return "texte"


_FITS = {
    "date": ("date",), "commune": ("commune", "entier"), "booléen": ("booléen", "énumération", "liste"),
    "nombre": ("entier", "énumération", "liste"), "nombre à point": ("entier",), "texte": ("énumération", "liste"),
    "vide": ("date", "commune", "booléen", "entier", "énumération", "liste"),
}  # fmt: skip


def _matched(seen: list[Seen], vocabulary: Vocabulary, several: bool) -> tuple[Match, ...]:
    """Each column with its nearest field. A file of several rows a demande gives one table beside the demandes: its surest."""
    hung = [e.name for e in vocabulary.entities.values() if e.name != vocabulary.principal]
    found = _pairs(seen, vocabulary, {vocabulary.principal, *hung})
    if not several:
        return found
    weight = {name: sum(m.score for m in _pairs(seen, vocabulary, {name})) for name in hung}
    best = max(weight, key=lambda name: weight[name])
    return _pairs(seen, vocabulary, {vocabulary.principal, best}, best)


def _pairs(seen: list[Seen], vocabulary: Vocabulary, entities: set[str], favoured: str = "") -> tuple[Match, ...]:
    """The surest first; a field of the demande is taken once."""
    pairs = [
        Match(s, f, score + (0.3 if e.name == favoured else 0))
        for s in seen
        for e in vocabulary.entities.values()
        if e.name in entities
        for f in e.fields.values()
        if f.column != e.key and f.kind in _FITS[s.kind] and (score := _score(s, f, vocabulary)) >= NEAR
    ]
    taken: set[str] = set()
    fields: set[tuple[str, str]] = set()
    found: list[Match] = []
    for m in sorted(pairs, key=lambda m: (-m.score, m.seen.name, m.field.name)):
        own = (m.field.entity, m.field.name)
        single = m.field.entity == vocabulary.principal and len(m.seen.columns) > 1 and m.field.kind != "liste"
        if m.seen.name in taken or single or (own in fields and m.field.entity != "membre"):
            continue
        taken.add(m.seen.name)
        fields.add(own)
        found.append(m)
    order = {s.name: i for i, s in enumerate(seen)}
    return tuple(sorted(found, key=lambda m: order[m.seen.name]))


def _score(s: Seen, f: FieldDef, vocabulary: Vocabulary) -> float:
    """How near the words of a column are to those of a field, helped by values of its nomenclature."""
    mine = _words(s.columns[0])
    best = max(_near(mine, _words(f.name)), _near(mine, _words(f.column)))
    if f.source != LOOKED_UP:  # a label tells what it is looked up by: « communes souhaitées » would be a zone
        best = max(best, _near(mine, _words(f.label)))
    if f.entity == "choix" and f.kind == "commune" and s.kind == "commune":
        best = max(best, 0.85 if len(s.columns) > 1 else 0.0)
    if (
        f.entity == "membre"
        and f.kind == "date"
        and s.kind in ("date", "vide")
        and any(w.startswith("naiss") for w in mine)
    ):
        best = max(best, 0.9)
    if f.entity == "membre" and f.kind == "date" and len(s.columns) > 1 and s.kind == "date" and "enfant" in mine:
        best = max(best, 0.8)
    if f.nomenclature and s.kind in ("texte", "nombre", "booléen") and len(s.values):
        known = {fold(x) for pair in vocabulary.nomenclature_of(f).labels.items() for x in pair}
        distinct = s.values.unique().to_list()
        held = sum(fold(v) in known for v in distinct)
        if held * 10 >= len(distinct) * 8 and s.kind == "texte":
            best += 0.25
        elif held == 0 and len(distinct) > MOST_CODES:
            return 0.0
    return best


@cache
def _words(text: str) -> tuple[str, ...]:
    words = [
        _SHORT.get(w, w)
        for w in words_of(_YEAR.sub(r"n\1", fold(text) if _YEAR.search(fold(text)) else text))
        if not w.isdigit()
    ]
    return tuple(w for w in words if w not in _STOP)


def _near(mine: tuple[str, ...], other: tuple[str, ...]) -> float:
    """Words in common, each by its likeness, over the words of both."""
    if not mine or not other:
        return 0.0
    left = sum(max(_like(a, b) for b in other) for a in mine) / len(mine)
    right = sum(max(_like(a, b) for a in mine) for b in other) / len(other)
    likeness = 2 * left * right / (left + right) if left + right else 0.0
    said = left >= 0.9 and not set(mine) <= _GENERIC  # « DEPOT » is all of the name, for one field that says more
    return max(likeness, NEAR + right / 10) if said else likeness


def _like(a: str, b: str) -> float:
    if a == b or a.rstrip("s") == b.rstrip("s"):
        return 1.0
    if min(len(a), len(b)) >= 4 and (a.startswith(b) or b.startswith(a)):
        return 0.9
    ratio = SequenceMatcher(None, a, b).ratio()
    return ratio if ratio >= 0.8 else 0.0
