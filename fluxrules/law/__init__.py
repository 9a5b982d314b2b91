"""The law as dated rules, and the checks of a grid against it."""
