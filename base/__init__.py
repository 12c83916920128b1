"""What every room above the solver stands on: errors, clean text, files, SQLite, the two logs."""
