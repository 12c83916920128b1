"""Copies of the results file: made each day, put back, and squares taken in from elsewhere."""
