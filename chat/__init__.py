"""Slack: sharing a result, the durable outbox, the bot that takes commands."""
