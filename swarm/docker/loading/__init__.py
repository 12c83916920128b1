"""An image that is loaded from a file: read, and served to nodes as a registry would."""
