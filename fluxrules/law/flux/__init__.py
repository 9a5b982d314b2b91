"""Conventions, yearly fluxes and orientations held against the law: one by one, then all those of a département together."""

from __future__ import annotations

from fluxrules.law.flux.judge import FluxVerdict, judge_dossier

__all__ = ["FluxVerdict", "judge_dossier"]
