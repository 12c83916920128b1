"""Everything `make bench` measures: ratios side by side in one run, never a pass or fail."""
