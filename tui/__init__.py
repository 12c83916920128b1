"""What a person touches: the full-screen console and its headless twin, the command line."""
