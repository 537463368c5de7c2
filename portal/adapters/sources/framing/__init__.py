"""What every source shares: opening a file, cutting it into rows, and reading common values."""
