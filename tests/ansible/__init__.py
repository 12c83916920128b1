"""Tests of the playbooks on the virtual Pi lab, run as people do who use them alone."""
