"""The law as dated rules, the checks of a grid against it, and what is proved of a grid for every household."""
