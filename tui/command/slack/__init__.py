"""The verbs about Slack and the daemon."""
