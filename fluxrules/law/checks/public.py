"""Whom a grid is for: all demandes, or the one exception for transfers; never a place of residence, never DALO apart."""

from __future__ import annotations

from collections.abc import Iterator

from fluxrules.ir import nodes as n
from fluxrules.law.case import Case, Found


def check_public(case: Case) -> Iterator[Found]:
    """« demandeurs », when it is written."""
    gate = case.grid.program.gate
    if gate is None:
        return
    nodes = list(case.reads(gate.condition))
    fields = {e.name for e in nodes if isinstance(e, n.Field)}
    where = case.at("demandeurs")
    home = set(case.rule("DISC-RES-1").words("champs")) if case.law.get("DISC-RES-1") else set()
    if fields & home:
        yield Found("DISC-RES-1", "FX7020", "La grille n'est ouverte qu'à certains lieux de résidence.", where,
                    "Faites de la résidence un critère qui ajoute des points, pas une condition d'accès.", also=("DISC-RES-2",))  # fmt: skip
        return
    if "statut_dalo" in fields:
        yield Found("COT-MANDATORY-SET", "FX7003", "Le public de la grille trie les demandes selon le DALO, que la loi veut parmi les critères.", where,
                    "Retirez le DALO de « demandeurs », et donnez-lui un poids.", also=("DALO",))  # fmt: skip
        return
    rule = case.law.get("COT-MUTATION-OPT")
    if rule is None:
        return
    codes = {c for e in nodes if isinstance(e, n.IsOneOf | n.ContainsAny) for c in e.codes}
    if not fields <= set(rule.words("champs")) or codes - set(rule.words("codes")):
        yield Found("COT-MUTATION-OPT", "FX7011", "La grille est réservée à un public autre que les mutations du parc social.", where,
                    "Écrivez « si: est_mutation » ou « si: non est_mutation », ou retirez « demandeurs ».", also=("COT-UNIFORM",))  # fmt: skip
