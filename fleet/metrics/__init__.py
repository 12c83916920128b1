"""How a machine is: the loop that runs on it, and what it prints."""
