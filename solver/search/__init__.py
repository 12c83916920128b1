"""The search itself: squares, transversals, mates; most of it compiled."""
