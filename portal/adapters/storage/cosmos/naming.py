"""Names that Cosmos DB takes for whatever names the ports allow."""

import hashlib
import re

LONGEST = 255
"""Characters of an id that every gateway and tool of the service takes."""
KEPT = 160
"""How much of a long name stays readable in front of its digest."""
UNSAFE = re.compile(rb"[^A-Za-z0-9_.:|@~=+-]")


def item_id(kind: str, id: str) -> str:
    r"""The id of an item: one for each kind and id, in ASCII without `/ \ ? # %` and spaces.

    What is not plain is written as `*` and two hexadecimal digits for each byte of UTF-8; what is
    too long for that ends in `*h` and the digest of the whole.
    """
    plain = UNSAFE.sub(lambda found: b"*%02x" % found[0][0], f"{kind}:{id}".encode()).decode()
    if len(plain) <= LONGEST:
        return plain
    return f"{plain[:KEPT]}*h{hashlib.sha256(plain.encode()).hexdigest()}"
