"""One file a kind of property: each gives its findings as they come."""
