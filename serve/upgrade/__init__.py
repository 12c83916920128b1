"""The daemon's own upgrade, by root: a new version beside the old one, and back if it must be."""
