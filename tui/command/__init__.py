"""The command line: one module a verb, listed in `verbs`, its options and its work together."""
