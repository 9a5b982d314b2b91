"""Expressions: text → syntax tree; numbers, dates, units and bands; messages for what is not understood."""
