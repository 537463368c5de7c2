"""Disclosures: who outside asked for data, what was decided, what was handed over (R10, R11)."""
