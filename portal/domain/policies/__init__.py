"""Policies: their versions, who accepted which, and what happens to who did not."""
