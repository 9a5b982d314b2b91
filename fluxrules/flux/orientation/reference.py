"""The orientation of a year, said as plainly as can be: exact fractions, everything worked out again for each dwelling.

For each dwelling of the flux, in order: whoever may take it, the one to whom the most is owed takes it. What is owed to a line is its
share of each dwelling of the flux that its territory has seen, this one included, with what the past left, less what it holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from fractions import Fraction

import polars as pl

from fluxrules.flux.orientation.lines import OWN, Key, Line, Sub, rank_of
from fluxrules.flux.orientation.rules import ALONE, GREATEST, after_return, before_flux, first_in_flux
from fluxrules.flux.orientation.values import Decision, Effect, Freed, World
from fluxrules.flux.perimeter import holds
from fluxrules.model.flux.conditions import Condition


def orient(world: World, queue: Sequence[Freed]) -> tuple[Decision, ...]:
    """One decision a release, in order."""
    year, start = world.parties.year, world.start
    flux, others, held = list(start.flux), list(start.others), Counter(start.held)
    occupied = {key: set(homes) for key, homes in start.occupied.items()}
    found = []
    for f in queue:
        for homes in occupied.values():
            homes.discard(f.dwelling)
        early = before_flux(f, year.deliveries_mode)
        if early is not None:
            if early.act in ("HORS_FLUX", "LIVRAISON"):
                others.append((f.day, f.commune))
            found.append(early)
            continue
        if first_in_flux(f):
            flux.append((f.day, f.commune))
        lines = world.parties.lines(f.day)
        balances = {line.key: _owed(world, line.key, flux, others) - held[line.key] for line in lines}
        balances[OWN] = _owed(world, OWN, flux, others) - held[OWN]
        claims = {
            line.key: balances[line.key] - _for_another_kind(world, line, f, flux, others, held)
            for line in lines
            if _may_take(world, line, f, held) and (line.most is None or len(occupied.get(line.key, ())) < line.most)
        }
        claims[OWN] = balances[OWN]
        ranked = sorted(claims, key=lambda k: (-claims[k], rank_of(k, lines, year.order)))
        if f.back:
            key, act, rule = after_return(f, lines, ranked, {k for k, v in claims.items() if v > 0})
        else:
            key, act, rule = ranked[0], "ORIENTATION", GREATEST if len(ranked) > 1 else ALONE
        line = next((x for x in lines if x.key == key), None)
        label = _imputed(world, line, f, flux, others, held) if line is not None else None
        runner_up = next((k for k in ranked if k[0] != key[0] and k[0] not in f.back), None)
        held[key] += 1
        occupied.setdefault(key, set()).add(f.dwelling)
        if line is not None and label != key[1]:
            held[(key[0], label or "")] += 1
        effects = [Effect(key, balances[key], balances[key] - 1)]
        if runner_up is not None:
            effects.append(Effect(runner_up, balances[runner_up], balances[runner_up]))
        found.append(Decision(f.release, act, key[0], label, rule, runner_up[0] if runner_up else None, tuple(effects)))
    return tuple(found)


def _owed(world: World, key: Key, flux: Sequence[tuple[date, str]], others: Sequence[tuple[date, str]]) -> Fraction:
    """What the past left and what came. To the bailleur came the dwellings of the flux that came to nobody else."""
    past = world.start.opening.get(key, Fraction(0))
    if key != OWN:
        return past + _came(world, key, flux, others)
    keys = {line.key for day, _ in (*flux, *others) for line in world.parties.lines(day)}
    return past + len(flux) - sum((_came(world, k, flux, others) for k in keys), Fraction(0))


def _came(world: World, key: Key, flux: Sequence[tuple[date, str]], others: Sequence[tuple[date, str]]) -> Fraction:
    """Shares of dwellings; those of a number stop at the number of the year."""
    parts, number = Fraction(0), Fraction(0)
    for seen, outside in ((flux, False), (others, True)):
        for day, commune in seen:
            for line in world.parties.lines(day):
                if line.key == key and commune in line.communes and (line.wide or not outside):
                    parts, number = (parts, number + line.share) if line.number else (parts + line.share, number)
    return parts + min(number, world.parties.numbers.get(key, Fraction(0)))


def _owed_inside(
    world: World, line: Line, sub: Sub, flux: Sequence[tuple[date, str]], others: Sequence[tuple[date, str]]
) -> Fraction:
    total = Fraction(0)
    for day, commune in (*flux, *(others if line.wide else ())):
        for x in world.parties.lines(day):
            if x.key == line.key and commune in x.communes:
                total += sum((s.share for s in x.subs if s.label == sub.label), Fraction(0))
    return total


def _may_take(world: World, line: Line, f: Freed, held: Counter[Key]) -> bool:
    left = not line.used_up(world.start.used.get(line.key, 0), held[line.key])
    placed = f.commune in line.communes and (not line.programmes or f.programme in line.programmes)
    return left and placed and _true(world, line.condition, f)


def _for_another_kind(
    world: World, line: Line, f: Freed, flux: Sequence[tuple[date, str]], others: Sequence[tuple[date, str]], held: Counter[Key]
) -> Fraction:  # fmt: skip
    """What is owed to a line in dwellings of a kind that this one is not: it may not be taken from that."""
    late = (
        _owed_inside(world, line, s, flux, others) - held[(line.key[0], s.label)]
        for s in line.subs if s.firm and s.condition is not None and not _true(world, s.condition, f)
    )  # fmt: skip
    return sum((x for x in late if x > 0), Fraction(0))


def _imputed(
    world: World, line: Line, f: Freed, flux: Sequence[tuple[date, str]], others: Sequence[tuple[date, str]], held: Counter[Key]
) -> str:  # fmt: skip
    """The sub-share that the dwelling counts in: the latest of those that it suits; the reservation alone where none is late."""
    best, label = Fraction(0), line.key[1]
    for s in line.subs:
        late = _owed_inside(world, line, s, flux, others) - held[(line.key[0], s.label)]
        if late > best and _true(world, s.condition, f):
            best, label = late, s.label
    return label


def _true(world: World, condition: Condition | None, f: Freed) -> bool:
    """Whether a condition holds for sure: what is unknown does not give a right."""
    if condition is None:
        return True
    row = world.dwellings.filter(pl.col("id_logement") == f.dwelling)
    return holds(condition, row, f.day)[0] is True
