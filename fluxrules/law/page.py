"""The rules in force on a day, as text, as values, and as the page ``docs/loi.md``."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from fluxrules.diagnostics.diagnostic import Severity
from fluxrules.language.numbers import show_date, show_number
from fluxrules.law.confidence import table
from fluxrules.law.rules import Law, Parameter, Rule

_EFFECT = {
    None: "dit seulement",
    Severity.CONSEIL: "conseille",
    Severity.AVERTISSEMENT: "avertit",
    Severity.ERREUR: "bloque",
}


def effect(rule: Rule) -> str:
    """What breaking a rule does, in a word."""
    return _EFFECT[rule.severity]


def _how(rule: Rule) -> str:
    """How it is known, in a few words: a jurist's word stands before what was known without it."""
    by = rule.verified
    return rule.confidence if by is None else f"vérifié par {by.by} le {show_date(by.day)}"


def show(value: Parameter) -> str:
    """A parameter as it is written."""
    if isinstance(value, Fraction):
        return str(value.numerator) if value.denominator == 1 else f"{show_number(100 * value)} %"
    if isinstance(value, tuple):
        return ", ".join(value)
    return value if isinstance(value, str) else show_date(value)


def exact(value: Parameter) -> str:
    """The same for a program: a share stays a fraction."""
    return str(value) if isinstance(value, Fraction) else show(value)


def text(law: Law) -> str:
    """A rule a line and its sentence under it, by chapter."""
    out = [f"Règles de droit connues de fluxrules au {show_date(law.day)} : {len(law.rules)}.", ""]
    chapter = ""
    for rule in law.rules.values():
        if rule.chapter != chapter:
            chapter = rule.chapter
            out += [chapter, ""]
        out += [
            f"  {rule.id}  {rule.article}  [{rule.kind}, {effect(rule)} ; {_how(rule)}]",
            f"    {rule.sentence}",
        ]
    return "\n".join(out)


def values(law: Law) -> dict[str, Any]:
    """The same for a program. Shares are text, so that no reader makes a float of them."""
    return {
        "date": law.day.isoformat(),
        "règles": [
            {
                "id": r.id,
                "chapitre": r.chapter,
                "article": r.article,
                "du": r.since.isoformat() if r.since else None,
                "au": r.until.isoformat() if r.until else None,
                "gravité": r.kind,
                "confiance": r.confidence,
                "sources": list(r.sources),
                "vérifié": {"par": r.verified.by, "le": r.verified.day.isoformat(), "texte": r.verified.text} if r.verified else None,
                "effet": effect(r),
                "paramètres": {k: list(v) if isinstance(v, tuple) else exact(v) for k, v in r.parameters.items()},
                "catégorie": r.category,
                "règle": r.sentence,
                "que faire": r.todo,
                "note": r.note,
                "contrôlée par": list(r.checked_by),
                "sans contrôle": r.unchecked,
            }
            for r in law.rules.values()
        ],
    }  # fmt: skip


def markdown(law: Law) -> str:
    """The page: how rules are known, then a table a chapter, then the sources."""
    out = [
        "# Le droit que fluxrules connaît",
        "",
        f"Page écrite par `fluxrules loi --format markdown --date {show_date(law.day)}` depuis `rulesets/loi/` : {len(law.rules)} règles.",
        "Ce sont des faits dits avec nos mots, pas le texte des articles, et ce n'est pas un avis juridique.",
        "",
        "## Ce que vaut une règle",
        "",
        "Une règle bloque, avertit ou conseille selon le moindre de deux effets : celui de sa gravité et celui de sa confiance.",
        "Un juriste qui a lu le texte ajoute `vérifié: {par, le, texte}` à la règle : elle compte alors comme lue.",
        "Un changement de droit est une entrée de plus, du même nom, avec son jour (`du`). `fluxrules check rulesets/loi` relit ces fichiers.",
        "",
        "| confiance | | effet |",
        "|---|---|---|",
        *(f"| {c.name} | {c.said} | {_EFFECT[c.effect]} |" for c in table().confidences.values()),
        "",
        "| gravité | effet |",
        "|---|---|",
        *(f"| {kind} | {_EFFECT[severity]} |" for kind, severity in table().kinds.items()),
    ]
    chapter = ""
    for rule in law.rules.values():
        if rule.chapter != chapter:
            chapter = rule.chapter
            out += ["", f"## {chapter}", "", "| règle | article | depuis | ce qu'elle dit | effet, confiance | contrôle |",
                    "|---|---|---|---|---|---|"]  # fmt: skip
        out.append(_row(rule))
    out += ["", "## Sources", "", *(f"- {s.code} : {s.name}" + (f" — <{s.address}>" if s.address else "") for s in table().sources.values())]  # fmt: skip
    return "\n".join(out) + "\n"


def _row(rule: Rule) -> str:
    since = show_date(rule.since) if rule.since else ""
    said = rule.sentence + (f" *({rule.note}.)*" if rule.note else "")
    shares = "; ".join(f"{k} {show(v)}" for k, v in rule.parameters.items() if isinstance(v, Fraction))
    said += f" [{shares}]" if shares else ""
    sources = f" ({', '.join(rule.sources)})" if rule.sources else ""
    check = ", ".join(rule.checked_by) or f"aucun : {rule.unchecked}"
    return f"| {rule.id} | {rule.article} | {since} | {said} | {effect(rule)} ; {_how(rule)}{sources} | {check} |"
