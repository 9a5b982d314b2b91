"""The vectorised engine: a program becomes columns of a Polars plan. Exact (integers only), equal to the interpreter."""

from fluxrules.engines.polars.run import score
from fluxrules.engines.polars.widths import TooWide, check_widths

__all__ = ["TooWide", "check_widths", "score"]
