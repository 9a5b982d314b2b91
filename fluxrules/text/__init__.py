"""Files, encodings, spans and the line index: the ground floor."""
