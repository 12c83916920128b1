"""What jobs yield and squarm never loses: store, collection, watching, reports."""
