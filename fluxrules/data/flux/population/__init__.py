"""A synthetic France of flux, to try conventions and orientations at full size without anybody's data.

Every number comes from published totals, or from an assumption marked so (``rulesets/référentiels/population-flux.yaml``). The same
arguments give the same bytes, for one version of fluxrules, NumPy and Polars; a département is drawn on its own, from streams of its own.
"""

from fluxrules.data.flux.population.plan import FluxRequest
from fluxrules.data.flux.population.write import WATERMARK, write_flux_population

__all__ = ["WATERMARK", "FluxRequest", "write_flux_population"]
