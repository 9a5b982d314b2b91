"""fluxrules: scoring grids of French social housing, checked, run and explained."""
