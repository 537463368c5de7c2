"""3CX call data records: files, one-call files and what the socket sends."""

from portal.adapters.sources.three_cx.parse import ThreeCX

SOURCE = ThreeCX()

__all__ = ["SOURCE"]
