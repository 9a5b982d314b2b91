"""The reference engine: exact, one demande at a time. Its results are the meaning of the language."""

from fluxrules.engines.interpreter.evaluate import combine, evaluate, evaluate_lines
from fluxrules.engines.interpreter.facts import Facts, Row
from fluxrules.engines.interpreter.result import FamilyResult, LineResult, Result, State

__all__ = ["Facts", "FamilyResult", "LineResult", "Result", "Row", "State", "combine", "evaluate", "evaluate_lines"]
