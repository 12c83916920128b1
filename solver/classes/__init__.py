"""What squares are alike: canonical forms, main classes, analysis."""
