"""Keys: who holds the outermost one, and how everything below it is sealed."""
