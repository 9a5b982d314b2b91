"""The law: checks of a grid, and proofs over every possible household (``prove/``)."""
