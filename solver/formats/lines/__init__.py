"""What stands around the symbols of squares in the lines of a text, and how it is taken off."""
