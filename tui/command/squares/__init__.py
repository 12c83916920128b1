"""The verbs about squares: find some, list the kept ones, analyse and verify any."""
