"""The typed intermediate representation: the only thing that engines and proofs read."""
