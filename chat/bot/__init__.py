"""The bot: what people ask of it in Slack, and its answers."""
