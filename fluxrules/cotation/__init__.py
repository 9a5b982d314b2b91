"""A scoring run: which grid for which demande, the scores, positions, distribution, explanation, receipt."""
