"""Mapping files: how the columns of any CSV or workbook become the fields of the vocabulary."""
