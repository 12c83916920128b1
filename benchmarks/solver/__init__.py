"""The solver beside programs in C, and what it finds: squares, mates, classes, triples."""
