"""A proposal as the text of a mapping file, and as sentences. What was not placed is written, as a comment that says why."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from fluxrules.data.mapping.identity import words_of
from fluxrules.data.mapping.load import TABLES
from fluxrules.data.mapping.propose import MOST_CODES, Match, Proposal
from fluxrules.data.mapping.spec import UNKNOWN
from fluxrules.text.near import fold
from fluxrules.vocabulary.fields import Vocabulary

_PLAIN = re.compile(r"[A-Za-zÀ-ÿ_][\wÀ-ÿ .-]*")
_SPLITS = ("|", ",", "/")
_YES, _NO = {"oui", "o", "1", "true", "vrai", "x"}, {"non", "n", "0", "false", "faux"}
_WORDS = {"oui", "non", "yes", "no", "true", "false", "null", "on", "off", "y", "n"}
TO_FILL = "  # à compléter"


def mapping_text(proposals: Sequence[Proposal], vocabulary: Vocabulary) -> str:
    """The YAML of a mapping for those files."""
    codes: dict[str, list[str]] = {}
    files = [line for p in once_each(proposals, vocabulary) for line in _file(p, vocabulary, codes)]
    head = [
        "# Correspondance proposée par « fluxrules mapping init » d'après le nom des colonnes et leurs premières lignes.",
        "# Relisez chaque ligne : rien ne dit qu'une colonne contient ce que son nom annonce.",
        "langage: 1",
        "correspondance: a-nommer",
    ]
    tables = ["codes:", *(line for lines in codes.values() for line in lines)] if codes else []
    return "\n".join([*head, *tables, "fichiers:", *files]) + "\n"


def once_each(proposals: Sequence[Proposal], vocabulary: Vocabulary) -> list[Proposal]:
    """A field of the demande comes from one file: the first. The columns of the others are left unplaced."""
    seen: set[str] = set()
    out: list[Proposal] = []
    for p in proposals:
        mine = {m.field.name for m in p.matches if m.field.entity == vocabulary.principal}
        again = [m for m in p.matches if m.field.entity == vocabulary.principal and m.field.name in seen]
        kept = tuple(m for m in p.matches if not any(m is a for a in again))
        out.append(replace(p, matches=kept, unplaced=(*p.unplaced, *(m.seen for m in again))))
        seen |= mine
    return out


def report(proposal: Proposal) -> list[str]:
    """What was seen of a file, in French sentences; no value is shown."""
    lines = [f"{proposal.file.name} : {len(proposal.matches)} colonne(s) ou série(s) de colonnes placée(s), à relire."]
    if proposal.key is None:
        lines.append("  La colonne du numéro unique n'a pas été reconnue : complétez « numéro ».")
    if proposal.unplaced:
        lines.append(f"  Sans champ reconnu : {', '.join(s.name for s in proposal.unplaced)}.")
    if proposal.identities:
        lines.append(
            f"  Identités, jamais lues : {', '.join(proposal.identities)}. Demandez un export sans ces colonnes."
        )
    return lines


def _file(p: Proposal, vocabulary: Vocabulary, codes: dict[str, list[str]]) -> list[str]:
    by_table = {t: [m for m in p.matches if vocabulary.entities[m.field.entity].table == t] for t in TABLES.values()}
    out = [f"  {quoted(p.file.name)}:", f"    lecture: {_layout(p)}"]
    if p.several and by_table["demandes"]:
        out.append("    lignes: plusieurs par demande")
    out.append(f"    numéro: {quoted(p.key)}" if p.key else f'    numéro: "?"{TO_FILL}')
    for written, table in TABLES.items():
        found = by_table[table]
        if not found:
            continue
        out.append(f"    {written}:")
        if table == "membres" and not p.several and all(m.field.name != "rôle" for m in found):
            out += _members(found, codes, vocabulary)
        else:
            out += ["      " + _field(m, codes, vocabulary) for m in found]
    left = [s.name for s in p.unplaced]
    if left or p.identities:
        out.append("    ignorées:")
        out += [f"      - {quoted(c)}" for s in p.unplaced for c in s.columns]
        out += [f"      - {quoted(n)}  # identité : jamais lue" for n in p.identities]
    return out


def _layout(p: Proposal) -> str:
    layout = p.layout
    parts = [f"dates: [{', '.join(layout.dates)}]", f"décimale: {'virgule' if layout.decimal == ',' else 'point'}"]
    if layout.separator is not None:
        separator = "tabulation" if layout.separator == "\t" else f'"{layout.separator}"'
        parts = [f"encodage: {layout.encoding}", f"séparateur: {separator}", *parts]
    if layout.blanks:
        parts.append(f"vides: [{', '.join(chr(34) + b + chr(34) for b in sorted(layout.blanks))}]")
    return "{" + ", ".join(parts) + "}"


def _members(found: list[Match], codes: dict[str, list[str]], vocabulary: Vocabulary) -> list[str]:
    """One block a person: the applicant, the co-holder, then those that a series of columns holds."""
    blocks: dict[str, list[Match]] = {}
    for m in found:
        words = set(words_of(m.seen.columns[0]))
        child = len(m.seen.columns) > 1 or words & {"enfant", "enf", "charge"}
        other = words & {"conjoint", "codemandeur", "cotitulaire", "co", "codem"}
        blocks.setdefault("cotitulaire" if other else "personne à charge" if child else "demandeur", []).append(m)
    out: list[str] = []
    for role in ("demandeur", "cotitulaire", "personne à charge"):
        for i, m in enumerate(blocks.get(role, ())):
            if i == 0:
                out.append(f"      - rôle: {{valeur: {role}}}")
            out.append("        " + _field(m, codes, vocabulary))
    return out


def _field(m: Match, codes: dict[str, list[str]], vocabulary: Vocabulary) -> str:
    options: list[str] = []
    doubts = ["à vérifier"] if m.score < 0.8 else []
    values = m.seen.values
    if m.field.kind == "liste" and len(m.seen.columns) == 1:
        split = next((s for s in _SPLITS if values.str.contains(s, literal=True).any()), None)
        if split:
            options.append(f'séparateur: "{split}"')
            values = values.str.split(split).explode().str.strip_chars()
    if m.field.kind == "entier" and values.str.contains(r"[.,]\d*[1-9]").any():
        doubts.append("des centimes : inconnu sans « arrondi »")
    if m.field.kind == "commune" and values.str.contains(r"^\d{4}$").any():
        doubts.append("des zéros de tête manquent : inconnu sans « réparer »")
    table = _codes(m, sorted(set(values.drop_nulls().to_list()) - {""}), vocabulary)
    if table:
        name = _code_name(m.field.name, table, codes)
        options.append(f"codes: {name}")
    column = quoted(m.seen.name, pattern=len(m.seen.columns) > 1)
    doubt = f"  # {' ; '.join(doubts)}" if doubts else ""
    if not options:
        return f"{m.field.name}: {column}{doubt}"
    key = f"colonnes: [{column}]" if m.field.kind == "liste" and len(m.seen.columns) > 1 else f"colonne: {column}"
    return f"{m.field.name}: {{{', '.join([key, *options])}}}{doubt}"


def _code_name(field_name: str, table: list[str], codes: dict[str, list[str]]) -> str:
    """The name of a table; another file with other codes has its own."""
    name, n = field_name, 1
    while name in codes and codes[name][1:] != table:
        n += 1
        name = f"{field_name}_{n}"
    codes[name] = [f"  {name}:", *table]
    return name


def _codes(m: Match, distinct: list[str], vocabulary: Vocabulary) -> list[str]:
    """The lines of a code table, when the file does not write codes or values of the vocabulary."""
    if m.field.kind == "booléen":
        if {v.lower() for v in distinct} <= {"oui", "non", "0", "1", "true", "false", "vrai", "faux"}:
            return []
        return [
            f"    {quoted(v)}: {'oui' if v.lower() in _YES else 'non' if v.lower() in _NO else UNKNOWN + TO_FILL}"
            for v in distinct[:MOST_CODES]
        ]
    if m.field.nomenclature is None:
        return []
    nomenclature = vocabulary.nomenclature_of(m.field)
    known = {*nomenclature.labels, *nomenclature.labels.values(), *nomenclature.unknown}
    if all(v in known for v in distinct):
        return []
    folded = {fold(x): label for code, label in nomenclature.labels.items() for x in (code, label)}
    safe = [v for v in distinct if sum(c.isdigit() for c in v) < 10 and "@" not in v][:MOST_CODES]
    return [f"    {quoted(v)}: {quoted(folded[fold(v)]) if fold(v) in folded else UNKNOWN + TO_FILL}" for v in safe]


def quoted(text: str, pattern: bool = False) -> str:
    """A YAML scalar, in quotes wherever a plain one could be read otherwise."""
    if not pattern and _PLAIN.fullmatch(text) and text.lower() not in _WORDS and not text.endswith((" ", ".")):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
