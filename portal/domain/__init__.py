"""Rules and use cases. Standard library and numpy only; no framework, no vendor, no I/O."""
