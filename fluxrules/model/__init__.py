"""Documents resolved into IR: names, inheritance, sugar, structure. Collects every diagnostic of a file in one run."""
