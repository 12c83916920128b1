"""The hunt for three orthogonal squares of order 10: the nearest there are; most of it compiled."""
