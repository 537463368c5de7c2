"""Amazon Connect contact records (formerly contact trace records), format 2017-03-10."""

from portal.adapters.sources.amazon_connect.parse import AmazonConnect

SOURCE = AmazonConnect()

__all__ = ["SOURCE"]
