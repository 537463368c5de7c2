"""What every store checks and counts the same way."""
