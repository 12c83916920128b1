"""`squarm doctor`: what is examined, and how."""
