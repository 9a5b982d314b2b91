"""The tables of a year of flux: dwellings, releases, attributions, réservataires, legacy rights, loans, programmes and the journal."""

from fluxrules.data.flux.folders import data_folders
from fluxrules.data.flux.read import read_flux_tables
from fluxrules.data.flux.tables import FluxReading, FluxTables

__all__ = ["FluxReading", "FluxTables", "data_folders", "read_flux_tables"]
