"""Files that are too large for a document."""
