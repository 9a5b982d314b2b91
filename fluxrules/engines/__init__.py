"""Engines: each takes a program and data, and gives the results that docs/calculus.md defines."""
