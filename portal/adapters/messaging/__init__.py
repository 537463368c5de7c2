"""Mail and SMS on their way out, and the numbering plans."""
