"""The vectorised engine: a program becomes columns of a Polars plan. Exact (integers only), equal to the interpreter."""

from fluxrules.engines.polars.run import score
from fluxrules.engines.polars.widths import TooWideError, check_widths

__all__ = ["TooWideError", "check_widths", "score"]
