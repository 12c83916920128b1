"""Virtual Raspberry Pis on one Linux machine, and all that can happen to them. See README.md."""
