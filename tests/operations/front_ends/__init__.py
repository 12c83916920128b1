"""Each change by key, command, palette, command line and bot: the same is done and said."""
