"""The vectorised engine: a program becomes columns of a Polars plan. Exact (integers only), equal to the interpreter."""

from fluxrules.engines.polars.run import score

__all__ = ["score"]
