"""The engine of large runs: arrays of integers, each part of a grid computed once per distinct input and looked up by row.

Exact, and equal to the interpreter on every row (tests/differential).
"""

from fluxrules.engines.numpy.run import score

__all__ = ["score"]
