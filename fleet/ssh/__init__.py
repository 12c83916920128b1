"""Getting in: host keys, keys of our own, connections, shells."""
