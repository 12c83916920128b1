"""Text in brackets over one line or many: lists of every language, JSON, records."""
