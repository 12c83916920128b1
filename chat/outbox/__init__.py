"""The outbox: every message waits on the disk until Slack has it, and the ways there."""
