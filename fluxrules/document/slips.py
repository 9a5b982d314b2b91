"""What to do about a line that YAML does not read: the usual slips are looked for in it and in the line before."""

from __future__ import annotations

import re

_TIGHT = re.compile(r"^\s*(?:- )?(?P<tight>[^\W\d][\w '’]*:[^\s:/\"'][^:]*)$")
_TWICE = re.compile(r"^\s*(?:- )?(?P<key>[^\W\d][^:\"'{\[]*): +(?P<text>[^\"'{\[].*\S? ?: .*)$")
_BARE = re.compile(r"^\s*(?P<bare>[^\W\d][\w '’]*)$")
GENERAL = "Vérifiez la marge, les « : » et les guillemets de cette ligne et de celle d'avant."


def remedy(text: str, at: int) -> str:
    """Help for the place where YAML stopped; it is often one line too late."""
    start = text.rfind("\n", 0, at) + 1
    line = text[start:].partition("\n")[0]
    before = next((x for x in reversed(text[:start].split("\n")) if x.strip() and not x.lstrip().startswith("#")), "")
    if line.lstrip().startswith((">", "|")):
        return "Une tranche s'écrit avec des mots : « plus de 40 % », « à partir de 40 % »."
    twice = _TWICE.match(line)
    if twice:
        return f'Un texte qui contient « : » se met entre guillemets droits : {twice["key"].strip()}: "{twice["text"].strip()}".'
    for where in (line, before):
        tight = _TIGHT.match(where)
        if tight:
            key, _, value = tight["tight"].partition(":")
            return f"Mettez une espace après « : » : « {key}: {value.strip()} »."
    bare = _BARE.match(before)
    if bare:
        return f"Il manque sans doute « : » à la ligne d'avant, « {bare['bare'].strip()} »."
    if _margin(line) > _margin(before) and ": " in before.strip():
        return "Cette ligne a plus de marge que celle d'avant : alignez-les."
    return GENERAL


def _margin(line: str) -> int:
    return len(line) - len(line.lstrip())
