"""Faults during a job, on purpose: what they cost, and what the screen says of them."""
