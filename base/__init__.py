"""What every room above the solver stands on: errors, clean text, safe files, the audit log."""
