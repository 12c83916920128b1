"""`squarm serve`: what runs while nobody looks."""
