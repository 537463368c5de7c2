"""Contacts: what a source's record says, normalised, stored once and counted once."""
