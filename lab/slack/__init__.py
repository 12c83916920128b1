"""A Slack of our own, speaking its protocol on loopback: for tests, and to try squarm with."""
