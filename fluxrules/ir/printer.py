"""A stable text of a program, for people and for snapshots."""

from __future__ import annotations

from fluxrules.ir import nodes as n
from fluxrules.language.numbers import show_date, show_number


def show(program: n.Program) -> str:
    """The program as an indented tree, one node a line."""
    out = [f"programme (points en 1/{program.scale})"]
    for name, dated in program.parameters:
        values = ", ".join(
            f"{show_date(day)} → {'inconnu' if value is None else show_number(value)}" for day, value in dated.values
        )
        out.append(f"  paramètre {name} = {values}")
    out += [f"  définition {name} = {expr(e)}" for name, e in program.definitions]
    _family(program.root, 1, out)
    out += [f"  ex æquo: {expr(t.item)}" for t in program.ties]
    out += [f"  demandes analogues selon: {expr(c)}" for c in program.classes]
    if program.gate is not None:
        unknown = "oui" if program.gate.if_unknown else "non"
        out.append(f"  demandeurs: {expr(program.gate.condition)} (si non renseigné: {unknown})")
    return "\n".join(out) + "\n"


def _family(family: n.Family, depth: int, out: list[str]) -> None:
    margin = "  " * depth
    limits = "".join(
        f", {word} {value}"
        for word, value in (("plancher", family.floor), ("plafond", family.cap))
        if value is not None
    )
    rounding = f", {family.rounding.value}" if family.rounding else ""
    out.append(f"{margin}{' / '.join(family.path) or 'note'}: {family.reducer.value}{rounding}{limits}")
    for item in family.items:
        if isinstance(item, n.Family):
            _family(item, depth + 1, out)
        else:
            out.append(f"{margin}  {_line(item)}")


def _line(line: n.Line) -> str:
    text = f"{line.path[-1] if line.path else 'ligne'}: {points(line.points)}"
    if line.condition is not None:
        text += f" si {expr(line.condition)}"
    if line.if_unknown:
        text += f" (si non renseigné: {line.if_unknown})"
    if line.evidence:
        text += f" [pièce: {line.evidence}{', compte sur pièce' if line.on_evidence else ''}]"
    return text


def points(node: n.Points) -> str:
    """The points of a line in one line of text."""
    match node:
        case n.Fixed(points=p):
            return _p(p)
        case n.Table(item=item, entries=entries):
            return f"selon {expr(item)} {{{', '.join(f'{c}: {_p(p)}' for c, p in entries)}}}"
        case n.Bands(item=item, bands=bands):
            return f"selon {expr(item)} {{{', '.join(f'{band(b)}: {_p(b.points)}' for b in bands)}}}"
        case n.Steps(item=item, rate=rate, step=step, least=least, most=most):
            return f"{rate} × ⌊{expr(item)} / {show_number(step)}⌋ dans [{_p(least)}, {_p(most)}]"


def band(b: n.Band) -> str:
    """A band as an interval, French brackets."""
    low = f"{'[' if b.low_in else ']'}{show_number(b.low)}" if b.low is not None else "]-∞"
    high = f"{show_number(b.high)}{']' if b.high_in else '['}" if b.high is not None else "+∞["
    return f"{low} ; {high}"


def _p(value: int | None) -> str:
    return "sans objet" if value is None else str(value)


def expr(e: n.Expr) -> str:
    """An expression, fully parenthesised."""
    match e:
        case n.Field(name=name) | n.Param(name=name) | n.Ref(name=name):
            return name
        case n.Const(value=value, unit=unit):
            return show_number(value) + (f" {unit.label}" if unit.powers else "")
        case n.DayConst(value=value):
            return show_date(value)
        case n.Elapsed(since=since):
            return f"temps écoulé depuis {since.name}"
        case n.Add(items=items):
            return "(" + " + ".join(map(expr, items)) + ")"
        case n.Mul(left=a, right=b):
            return f"({expr(a)} × {expr(b)})"
        case n.Div(left=a, right=b):
            return f"({expr(a)} / {expr(b)})"
        case n.Compare(op=op, left=a, right=b) | n.CompareDay(op=op, left=a, right=b):
            return f"({expr(a)} {op} {expr(b)})"
        case n.CompareElapsed(op=op, elapsed=a, length=b):
            return f"({expr(a)} {op} {expr(b)})"
        case n.IsOneOf(item=item, codes=codes):
            return f"({expr(item)} est parmi {'|'.join(codes)})"
        case n.ContainsAny(item=item, codes=codes):
            return f"({expr(item)} contient {'|'.join(codes)})"
        case n.Not(item=item):
            return f"non {expr(item)}"
        case n.And(items=items):
            return "(" + " et ".join(map(expr, items)) + ")"
        case n.Or(items=items):
            return "(" + " ou ".join(map(expr, items)) + ")"
        case n.Count() | n.Exists() | n.ForAll():
            word = {n.Count: "nombre", n.Exists: "au moins un", n.ForAll: "tous"}[type(e)]
            scope = f" dans {expr(e.rows.scope)}" if e.rows.scope is not None else ""
            where = f" où {expr(e.where)}" if e.where is not None else ""
            return f"({word} {e.rows.entity}{scope}{where})"
        case n.Pick(code=code):
            return f"« {code} »"
        case n.Case(branches=branches, otherwise=otherwise):
            return "(" + "; ".join(f"si {expr(c)}: {expr(v)}" for c, v in branches) + f"; sinon {expr(otherwise)})"
        case n.Evidence(document=document):
            return f"pièce vérifiée « {document} »"
