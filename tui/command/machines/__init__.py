"""The verbs about Pis, nodes, and making the one the other."""
