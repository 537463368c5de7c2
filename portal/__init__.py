"""The portal service: what is true (domain), what it needs (adapters), how it is reached (web,
cli, worker)."""

VERSION = "0.1.0"
