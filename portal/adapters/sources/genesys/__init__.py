"""Genesys Cloud conversation details."""

from portal.adapters.sources.genesys.parse import Genesys

SOURCE = Genesys()

__all__ = ["SOURCE"]
