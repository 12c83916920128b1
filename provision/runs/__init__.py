"""Ansible runs: started, followed, cancelled, tried again."""
