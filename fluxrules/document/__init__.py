"""The located document: what was written, with the place of every key and value."""
