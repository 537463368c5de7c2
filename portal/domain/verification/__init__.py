"""Verification: proof that mail address and phone are the organisation's own."""
