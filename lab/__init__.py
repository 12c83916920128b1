"""The virtual Pi lab: Pis as systemd containers on one Linux machine."""
