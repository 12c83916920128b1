"""Reading and writing squares as text."""
