"""What is wrong, where, why and what to do: the diagnostic, the registry of codes, the renderers."""
