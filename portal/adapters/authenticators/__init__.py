"""Codes of authenticator apps, and the picture by which an app learns its secret."""
