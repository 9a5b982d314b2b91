"""The points of a line: constants, tables, bands, steps. Exhaustive tables and bands without gap are checked here."""

from __future__ import annotations

from fractions import Fraction

from fluxrules.document.nodes import Mapping, Scalar
from fluxrules.document.offsets import value_span
from fluxrules.ir import nodes as n
from fluxrules.ir.types import Bool, Choice, Day, Duration, Many, Number
from fluxrules.ir.walk import descend
from fluxrules.language import syntax as s
from fluxrules.language.parser import parse_points
from fluxrules.language.units import MONTHS, NONE, WRITTEN
from fluxrules.model.context import Context
from fluxrules.model.lower import Lower, parse, report_problem
from fluxrules.model.names import type_label


def read_points(context: Context, scalar: Scalar) -> n.Points | None:
    """Points written in one value: a constant, or steps."""
    parsed = parse_points(scalar.text)
    if isinstance(parsed, s.Problem):
        report_problem(context.env, scalar, parsed)
        return None
    if isinstance(parsed, s.FixedPoints):
        if parsed.value is None:
            return n.Fixed(None)
        value = context.fine(parsed.value, scalar)
        return None if value is None else n.Fixed(value)
    return _steps(context, scalar, parsed)


def constant(context: Context, scalar: Scalar) -> tuple[int | None, bool]:
    """Points of an entry of a table or a band, and whether they were understood."""
    points = read_points(context, scalar)
    if isinstance(points, n.Fixed):
        return points.points, True
    if points is not None:
        context.bag.add(
            "FX3004", "Une entrée donne un nombre de points, pas un calcul.", scalar.span, "Écrivez un nombre."
        )
    return None, False


def _steps(context: Context, scalar: Scalar, parsed: s.StepPoints) -> n.Points | None:
    item = _quantity(context, scalar, parsed)
    rate = context.fine(parsed.rate, scalar)
    least = context.fine(parsed.least, scalar) if parsed.least is not None else None
    most = context.fine(parsed.most, scalar) if parsed.most is not None else None
    if item is None or rate is None:
        return None
    if any(isinstance(node, n.Div) for node in _through(context, item)):
        context.bag.add("FX2004", "On ne compte pas de points « par pas » d'un quotient.", scalar.span,
                        "Écrivez des tranches : « selon: … » et « tranches: … ».")  # fmt: skip
        return None
    step = _step(context, scalar, parsed, item)
    if least is not None and most is not None and least > most:
        context.bag.add("FX3017", "« au moins » dépasse « au plus ».", scalar.span, "Échangez les deux nombres.")
        return None
    return None if step is None else n.Steps(item, rate, step, least, most)


def _through(context: Context, item: n.Expr) -> list[n.Expr]:
    """The nodes below an expression, definitions followed."""
    found: list[n.Expr] = []
    queue = [item]
    seen: set[str] = set()
    while queue:
        for node in descend(queue.pop()):
            found.append(node)
            if isinstance(node, n.Ref) and node.name not in seen:
                seen.add(node.name)
                body = context.env.done.get(f"{context.principal}.{node.name}")
                if body is not None:
                    queue.append(body)
    return found


def _quantity(context: Context, scalar: Scalar, parsed: s.StepPoints) -> n.Expr | None:
    lower = Lower(context.env, scalar, context.principal)
    if parsed.quantity is not None:
        node = lower.expr(parsed.quantity)
        if node is None or isinstance(node, n.Elapsed):
            return node
        if isinstance(node.type, Number) and not isinstance(node, n.Const):
            return node
        what = "une valeur fixe" if isinstance(node, n.Const) else type_label(node.type)
        lower.report(
            "FX2004",
            f"On ne peut pas compter de points par pas sur {what}.",
            parsed.at,
            "Nommez un champ chiffré ou une ancienneté : « 1 par 10 m² de surface_logement_actuel ».",
        )
        return None
    counted = context.env.vocabulary.counted(parsed.words)
    if counted is None:
        known = sorted(d.counted for d in context.env.vocabulary.derived.values() if d.counted)
        first = parsed.words.partition(" ")[0]
        if first in WRITTEN:
            help_text = f"Dites depuis quand : « par {first} {_whole_word(first)} d'ancienneté »."
        else:
            help_text = f"Écrivez « par … de champ », ou l'un de : {' ; '.join(known)}."
        lower.report("FX2001", f"« par {parsed.words} » ne désigne aucun compte connu.", parsed.at, help_text)
        return None
    return lower.name(s.Name(counted.name, parsed.at))


def _whole_word(unit: str) -> str:
    return {"année": "entière", "années": "entières", "ans": "entiers"}.get(unit, "entier")


def _step(context: Context, scalar: Scalar, parsed: s.StepPoints, item: n.Expr) -> Fraction | None:
    if parsed.quantity is None:
        return Fraction(1)
    span = value_span(scalar, *parsed.step.at)
    written, count = parsed.step.unit, parsed.step.value
    factor, unit = (WRITTEN[written][1], WRITTEN[written][0]) if written in WRITTEN else (Fraction(1), NONE)
    step = count * factor
    if step <= 0:
        context.bag.add("FX3022", "Le pas est nul.", span, "Écrivez un pas positif.")
        return None
    if isinstance(item, n.Elapsed):
        if unit != MONTHS or step.denominator != 1:
            context.bag.add(
                "FX2005", "Un temps écoulé se compte en mois ou en années.", span, "Écrivez « par mois entier de … »."
            )
            return None
        if not parsed.whole:
            context.bag.add("FX3023", "Il faut dire que seuls les mois ou les années entiers comptent.", span,
                            f"Écrivez « par {'mois entier' if written == 'mois' else 'an entier'} ».")  # fmt: skip
            return None
        return step
    assert isinstance(item.type, Number)
    if item.type.unit != unit:
        context.bag.add("FX2005", f"Le pas est {type_label(Number(unit))}, la quantité est {type_label(item.type)}.", span,
                        "Donnez au pas l'unité de la quantité.")  # fmt: skip
        return None
    return step


def read_table(context: Context, selon: Scalar, entries: Mapping) -> n.Points | None:
    """« selon » an enumeration. Every value has its points, or « autres » says what the rest is worth."""
    parsed = parse(context.env, selon)
    lower = Lower(context.env, selon, context.principal)
    item = lower.expr(parsed) if parsed is not None else None
    if item is None:
        return None
    if not isinstance(item.type, Choice) or not item.type.codes:
        _not_a_choice(context, selon, item)
        return None
    points: dict[str, int | None] = {}
    rest: tuple[int | None] | None = None
    complete = True
    for entry in entries:
        value, good = constant(context, entry.value) if isinstance(entry.value, Scalar) else (None, False)
        complete &= good
        if entry.key.text == "autres":
            rest = (value,)
            continue
        for label in entry.key.text.split(" ; "):
            code = Lower(context.env, entry.key, context.principal).code(
                item.type, label.strip().replace("’", "'"), (0, len(entry.key.text))
            )
            complete &= code is not None
            if code in points:
                context.bag.add(
                    "FX3013",
                    f"La valeur « {label} » a deux fois des points.",
                    entry.key.span,
                    "Gardez une seule ligne.",
                )
            elif code is not None:
                points[code] = value
    left = [c for c in item.type.codes if c not in points]
    if left and rest is None and complete:
        labels = context.env.vocabulary.nomenclatures[item.type.nomenclature].labels
        context.bag.add("FX3012", f"La table ne dit rien de : {' ; '.join(labels[c] for c in left)}.", selon.span,
                        "Ajoutez ces valeurs, ou une ligne « autres: 0 ».")  # fmt: skip
        return None
    if not complete:
        return None
    return n.Table(item, tuple((c, points[c] if c in points else rest[0] if rest else None) for c in item.type.codes))


def _not_a_choice(context: Context, selon: Scalar, item: n.Expr) -> None:
    match item.type:
        case Number() | Duration():
            help_text = "Écrivez « tranches: » au lieu de « points: »."
        case Bool():
            help_text = "Écrivez « si: » et « points: »."
        case Many():
            help_text = "Écrivez une famille avec une ligne « si: … contient « … » » par valeur, et dites avec « retenir » comment elles se combinent."
        case Day():
            help_text = "Comparez la date dans une ligne « si: »."
        case _:
            help_text = "Écrivez une ligne « si: … est « … » » par valeur."
    context.bag.add(
        "FX2004",
        f"« selon » avec « points » demande une valeur de liste ; ceci est {type_label(item.type)}.",
        selon.span,
        help_text,
    )
