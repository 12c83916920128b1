"""What the console knows of the world outside, each watched from its start to its end."""
