"""Where each freed dwelling goes: the meaning is in docs/orientation.md; ``reference`` says it slowly, ``quick`` runs it."""
