"""Conventions, yearly fluxes and orientations: documents read into values."""
