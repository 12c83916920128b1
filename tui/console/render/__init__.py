"""Drawing: pure functions from state to styled text."""
