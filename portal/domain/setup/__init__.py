"""Set-up: the organisation's name and time zone, its tenant code, how it handles calls."""
