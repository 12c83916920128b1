"""The command line as a user meets it: a process of its own, its output, its exit status."""
