"""Telling in Teams of partners who ask to see identities: who decides, then what became of it."""
