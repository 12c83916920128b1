"""Squares: all that are kept, one as large as can be, two beside one another."""
