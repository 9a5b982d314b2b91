"""The yearly bilan of a bailleur (CCH R. 441-5-1): pure tables, one theme a file; ``build.py`` puts them together."""
