"""`squarm image`: what jobs run from, and how a new image reaches the nodes."""
