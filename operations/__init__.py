"""The one door: everything a person can do that changes something, each written once."""
