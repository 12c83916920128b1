"""The verbs about jobs."""
