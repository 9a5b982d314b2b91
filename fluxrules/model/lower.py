"""Expressions → typed IR: names resolved, types and units checked. Every error goes to the bag; ``None`` means there was one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from fluxrules.document.nodes import Scalar
from fluxrules.document.offsets import value_span
from fluxrules.ir import nodes as n
from fluxrules.ir.types import Bool, Choice, Day, Duration, Many, Number, Type
from fluxrules.language import syntax as s
from fluxrules.language.numbers import show_number
from fluxrules.language.parser import parse_expression
from fluxrules.language.units import DAYS, MONTHS, NONE, in_base
from fluxrules.model import codes, comparisons, percents, quantifiers
from fluxrules.model.names import Env, ir_field, type_label
from fluxrules.model.twelfths import converted_twice
from fluxrules.text.source import Span

MOST_CHAINED = 32
MOST_NESTED = 100  # through definitions too: each level costs some frames of the stack
_FLIP = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "≠": "≠"}


@dataclass(frozen=True)
class Lower:
    """Lowers the expressions of one scalar. ``entity`` is what a bare name belongs to; ``division`` allows a quotient."""

    env: Env
    scalar: Scalar
    entity: str
    division: bool = False

    def report(self, code: str, message: str, at: s.At, help: str) -> None:
        self.env.bag.add(code, message, self.span(at), help)

    def span(self, at: s.At) -> Span:
        return value_span(self.scalar, *at)

    # --- any expression

    def expr(self, e: s.Expr) -> n.Expr | None:
        """The node of an expression, whatever its type."""
        if self.env.depth >= MOST_NESTED:
            self.report("FX1001", f"Plus de {MOST_NESTED} calculs s'emboîtent, définitions comprises.", e.at,
                        "Retirez des parenthèses, ou raccourcissez la chaîne de définitions.")  # fmt: skip
            return None
        self.env.depth += 1
        node = self._expr(e)
        self.env.depth -= 1
        return node

    def _expr(self, e: s.Expr) -> n.Expr | None:
        match e:
            case s.Number(value=value, unit=unit):
                base, of = in_base(value, unit)
                return n.Const(base, of)
            case s.DateLiteral(value=day):
                return n.DayConst(day)
            case s.Text():
                self.report("FX2004", f"La valeur « {e.value} » est seule : rien ne lui est comparé.", e.at,
                            f"Écrivez par exemple « champ est « {e.value} » ».")  # fmt: skip
                return None
            case s.Name():
                return self.name(e)
            case s.Elapsed(name=name):
                since = self.name(name)
                if since is None:
                    return None
                if not isinstance(since, n.Field) or since.type != Day():
                    self.report("FX2004", f"« temps écoulé depuis » demande une date ; « {name.name} » est {type_label(since.type)}.",
                                name.at, "Nommez un champ de date.")  # fmt: skip
                    return None
                return n.Elapsed(since)
            case s.Sum():
                return self._sum(e)
            case s.Product():
                return self._product(e)
            case s.Quantifier():
                return quantifiers.lower(self, e)
            case s.IsKnown():
                self.report("FX2009", "« est renseigné » ne peut pas donner de points : avoir rempli une case n'est pas un besoin.",
                            e.at, "Écrivez la condition sur la valeur du champ ; une valeur absente laisse la ligne en suspens.")  # fmt: skip
                return None
            case _:
                return self._logic(e)

    def condition(self, e: s.Expr) -> n.Expr | None:
        """A node of type oui/non."""
        node = self.expr(e)
        if node is None or isinstance(node.type, Bool):
            return node
        self.report("FX2004", f"Une condition est attendue, mais ceci est {type_label(node.type)}.", e.at,
                    self._condition_help(node))  # fmt: skip
        return None

    def _condition_help(self, node: n.Expr) -> str:
        match node.type:
            case Choice():
                return "Écrivez « champ est « valeur » »."
            case Many():
                return "Écrivez « champ contient « valeur » »."
            case _:
                return "Écrivez une comparaison : « champ > valeur »."

    def number(self, e: s.Expr) -> n.Expr | None:
        """A node of type number."""
        node = self.expr(e)
        if node is None or isinstance(node.type, Number):
            return node
        if isinstance(node.type, Duration):
            self.report("FX2004", "Un temps écoulé se compare à une durée ou se compte en mois entiers ; il ne se calcule pas.", e.at,
                        "Écrivez « ancienneté > 36 mois », ou des points « par mois entier d'ancienneté ».")  # fmt: skip
        else:
            what = f"Un nombre est attendu, mais ceci est {type_label(node.type)}."
            self.report("FX2004", what, e.at, "Nommez un champ chiffré.")
        return None

    # --- names

    def name(self, e: s.Name) -> n.Expr | None:
        env, name = self.env, e.name
        source = env.definition(name, self.entity)
        if source is not None:
            return self._defined(e, source.name, source.entity)
        if name in env.parameters:
            env.used.add(name)
            return n.Param(name, Number(env.parameters[name].unit))
        f = env.vocabulary.field_def(self.entity, name)
        if f is not None:
            if f.readable:
                return ir_field(env.vocabulary, f)
            self._forbidden(e, f.usage, f.label)
            return None
        if name not in env.broken:
            self._unknown(e)
        return None

    def _forbidden(self, e: s.Name, usage: str, label: str) -> None:
        if usage == "interdit":
            self.report("FX2002", f"Une règle ne peut pas lire « {e.name} » ({label}) : ce serait un critère discriminatoire.", e.at,
                        "Retirez cette condition.")  # fmt: skip
        else:
            self.report("FX2003", f"« {e.name} » sert aux contrôles et aux fichiers, pas aux règles.", e.at,
                        "Prenez un autre champ du vocabulaire.")  # fmt: skip

    def _unknown(self, e: s.Name) -> None:
        env = self.env
        principal = env.vocabulary.principal
        if self.entity != principal and e.name in env.known_names(principal):
            self.report("FX2010", f"« {e.name} » est un champ de la demande : un filtre sur les personnes ne lit que leurs propres champs.",
                        e.at, "Sortez cette condition de la parenthèse qui suit « où ».")  # fmt: skip
            return
        for entity in env.vocabulary.entities:
            hidden = env.vocabulary.field_def(entity, e.name)
            if hidden is not None and not hidden.readable:
                self._forbidden(e, hidden.usage, hidden.label)
                return
            if entity != self.entity and e.name in env.vocabulary.names(entity):
                self.report("FX2010", f"« {e.name} » est un champ de « {entity} », à lire dans un filtre sur ses lignes.", e.at,
                            f"Écrivez par exemple « au moins un {entity} où ({e.name} …) ».")  # fmt: skip
                return
        self.report("FX2001", f"Le nom « {e.name} » est inconnu.", e.at, env.suggest(e.name, self.entity))

    def _defined(self, e: s.Name, name: str, entity: str) -> n.Expr | None:
        from fluxrules.model.definitions import define

        env = self.env
        env.used.add(name)
        if (key := f"{entity}.{name}") in env.stack:
            around = " → ".join([*(k.partition(".")[2] for k in env.stack[env.stack.index(key) :]), name])
            self.report("FX2008", f"La définition de « {name} » tourne en rond : {around}.", e.at,
                        "Écrivez l'une de ces définitions sans les autres.")  # fmt: skip
            return None
        if len(env.stack) >= MOST_CHAINED and key not in env.done:
            self.report("FX1001", f"Plus de {MOST_CHAINED} définitions s'appuient les unes sur les autres.", e.at,
                        "Raccourcissez la chaîne : écrivez plusieurs formules en une.")  # fmt: skip
            return None
        node = define(env, name, entity)
        if node is None or isinstance(node, n.Elapsed | n.Field) or entity != env.vocabulary.principal:
            return node
        return n.Ref(name, node.type)

    # --- arithmetic

    def _sum(self, e: s.Sum) -> n.Expr | None:
        lowered = [(sign, self.number(term), term) for sign, term in e.terms]
        if any(node is None for _, node, _ in lowered):
            return None
        first = lowered[0][1]
        assert first is not None and isinstance(first.type, Number)
        items: list[n.Expr] = []
        for sign, node, term in lowered:
            assert node is not None and isinstance(node.type, Number)
            if node.type.unit != first.type.unit:
                self.report("FX2005", f"On ne peut pas ajouter {type_label(first.type)} et {type_label(node.type)}.", term.at,
                            self._unit_help(first, node))  # fmt: skip
                return None
            items.append(node if sign > 0 else n.Mul(n.Const(Fraction(-1)), node, node.type))
        return items[0] if len(items) == 1 else n.Add(tuple(items), first.type)

    def _unit_help(self, left: n.Expr, right: n.Expr) -> str:
        for a, b in ((left, right), (right, left)):
            if isinstance(a, n.Const) and not a.unit.powers and isinstance(b.type, Number):
                return f"Écrivez l'unité : {show_number(a.value)} {b.type.unit.label}."
        return "Ramenez les deux à la même unité."

    def _product(self, e: s.Product) -> n.Expr | None:
        result: n.Expr | None = None
        before: s.Expr = e
        for sign, factor in e.factors:
            node = self.number(factor)
            if node is None:
                return None
            if result is None:
                result, before = node, factor
                continue
            assert isinstance(result.type, Number) and isinstance(node.type, Number)
            unit = Number(result.type.unit.times(node.type.unit, sign))
            twice = converted_twice(self.env, self.entity, result, node, sign, (before, factor))
            if twice is not None:
                self.report("FX2013", twice[0], e.at, twice[1])
                return None
            before = e
            if sign > 0:
                result = n.Mul(result, node, unit)
            elif isinstance(node, n.Const):
                if node.value == 0:
                    self.report("FX2007", "On ne peut pas diviser par zéro.", factor.at, "Changez le diviseur.")
                    return None
                result = n.Mul(result, n.Const(1 / node.value, NONE.times(node.unit, -1)), unit)
            else:
                if not self.division:
                    self.report("FX2007", "Cette division ne dit pas ce qu'elle vaut si le dénominateur est nul ou négatif.", e.at,
                                "Mettez-la dans « définitions », avec « formule: » et « si dénominateur nul ou négatif: sans objet ».")  # fmt: skip
                    return None
                result = n.Div(result, node, unit)
        return result

    # --- conditions

    def _logic(self, e: s.Expr) -> n.Expr | None:
        match e:
            case s.Not(item=item):
                node = self.condition(item)
                return None if node is None else n.Not(node)
            case s.Logical(op=op, items=items):
                nodes = [self.condition(i) for i in items]
                if any(x is None for x in nodes):
                    return None
                flat = tuple(x for x in nodes if x is not None)
                return n.And(flat) if op == "et" else n.Or(flat)
            case s.Comparison():
                return self._comparison(e)
            case s.OneOf():
                return self._one_of(e)
            case s.Contains():
                return self._contains(e)
            case _:
                raise TypeError(f"unexpected syntax {e}")

    def _comparison(self, e: s.Comparison) -> n.Expr | None:
        for side in (e.left, e.right):
            if isinstance(side, s.Text):
                self.report("FX2004", f"« {e.op} » compare des nombres, des dates ou des durées, pas une valeur de liste.", e.at,
                            f"Écrivez « {self._word(e.left)} est « {side.value} » ».")  # fmt: skip
                return None
        left, right = self.expr(e.left), self.expr(e.right)
        if left is None or right is None:
            return None
        if isinstance(right.type, Duration) and not isinstance(left.type, Duration):
            return self._comparison(replace(e, op=_FLIP[e.op], left=e.right, right=e.left))
        match left.type, right.type:
            case Number(), Number() if left.type == right.type:
                for share, other, written in ((left, right, e.right), (right, left, e.left)):
                    if (bare := percents.forgotten(self.env, share, other, written, self.entity)) is not None:
                        self.report(
                            "FX2005",
                            "On compare un pourcentage et un nombre sans « % ».",
                            written.at,
                            percents.remedy(bare),
                        )
                        return None
                return n.Compare(e.op, left, right)
            case Number(), Number():
                self.report("FX2005", f"On compare {type_label(left.type)} et {type_label(right.type)}.", e.at,
                            self._unit_help(left, right))  # fmt: skip
                return None
            case Duration(), Number(unit=unit) if unit in (MONTHS, DAYS) and isinstance(left, n.Elapsed):
                return self._elapsed(e, left, right)
            case Day(), Day():
                return self._days(e.op, left, right)
        what = f"On ne peut pas comparer {type_label(left.type)} et {type_label(right.type)}."
        self.report("FX2004", what, e.at, comparisons.remedy(left.type, right.type, self._word(e.left)))
        return None

    def _word(self, e: s.Expr) -> str:
        return e.name if isinstance(e, s.Name) else "champ"

    def _elapsed(self, e: s.Comparison, left: n.Elapsed, right: n.Expr) -> n.Expr | None:
        if not isinstance(right, n.Const | n.Param):
            self.report("FX2004", "Un temps écoulé se compare à une durée écrite ou à un paramètre.", e.right.at,
                        "Écrivez la durée : « 36 mois ».")  # fmt: skip
            return None
        values = [right.value] if isinstance(right, n.Const) else list(self.env.parameters[right.name].dated.known)
        if any(v.denominator != 1 or v < 0 for v in values):
            what = "Une durée est un nombre entier de mois ou de jours."
            self.report("FX2004", what, e.right.at, "Arrondissez-la vous-même.")
            return None
        return n.CompareElapsed(e.op, left, right)

    def _days(self, op: str, left: n.Expr, right: n.Expr) -> n.Expr:
        """Only ``<``, ``<=`` and ``=`` remain: engines know no other comparison of days."""
        if op in (">", ">="):
            return self._days(_FLIP[op], right, left)
        return n.Not(n.CompareDay("=", left, right)) if op == "≠" else n.CompareDay(op, left, right)

    def codes(self, of: Choice, values: tuple[s.Text, ...]) -> tuple[str, ...] | None:
        """The codes of readable values; all wrong ones are reported."""
        return codes.several(self, of, values)

    def code(self, of: Choice, label: str, at: s.At) -> str | None:
        """The code of one readable value."""
        return codes.one(self, of, label, at)

    def _one_of(self, e: s.OneOf) -> n.Expr | None:
        item = self.expr(e.item)
        if item is None:
            return None
        if not isinstance(item.type, Choice):
            word = self._word(e.item)
            match item.type:
                case Many():
                    help_text = f"Écrivez « {word} contient « {e.values[0].value} » »."
                case Bool():
                    help_text = f"Écrivez « {word} » ou « non {word} », sans comparaison."
                case _:
                    help_text = "Écrivez une comparaison : « champ > valeur »."
            self.report("FX2004", f"« est » compare une valeur de liste ; ceci est {type_label(item.type)}.", e.item.at,
                        help_text)  # fmt: skip
            return None
        wanted = self.codes(item.type, e.values)
        if wanted is None:
            return None
        node = n.IsOneOf(item, wanted)
        return n.Not(node) if e.negated else node

    def _contains(self, e: s.Contains) -> n.Expr | None:
        item = self.expr(e.item)
        if item is None:
            return None
        if not isinstance(item.type, Many) or not isinstance(item, n.Field):
            self.report("FX2004", f"« contient » demande un champ à plusieurs valeurs ; ceci est {type_label(item.type)}.", e.item.at,
                        "Écrivez « est » pour une seule valeur.")  # fmt: skip
            return None
        wanted = self.codes(item.type.of, e.values)
        if wanted is None:
            return None
        node = n.ContainsAny(item, wanted)
        return n.Not(node) if e.negated else node


def lower_condition(env: Env, scalar: Scalar, entity: str) -> n.Expr | None:
    """Parse and lower a condition."""
    parsed = parse(env, scalar)
    return None if parsed is None else Lower(env, scalar, entity).condition(parsed)


def parse(env: Env, scalar: Scalar) -> s.Expr | None:
    """Parse an expression; a problem goes to the bag."""
    parsed = parse_expression(scalar.text)
    if isinstance(parsed, s.Problem):
        report_problem(env, scalar, parsed)
        return None
    return parsed


def report_problem(env: Env, scalar: Scalar, problem: s.Problem) -> None:
    """A syntax problem as a diagnostic, at its place in the file."""
    env.bag.add(problem.code, problem.message, value_span(scalar, *problem.at), problem.help)


__all__ = ["Lower", "Type", "lower_condition", "parse", "report_problem"]
