"""The command line: the console's twin without a screen, on the same core."""
