"""Proofs: the IR as formulas over one household, unknowns included, and what a solver says of them."""
