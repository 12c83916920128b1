"""Machines on the network: who is there, how to get in, how they are."""
