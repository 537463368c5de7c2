"""Where the service may write to of its own accord: public addresses over TLS, nothing else.

A target is chosen by people, and the service stands where they do not: without these rules they
could have it write to whatever it can reach. The name is judged here; the addresses it leads to are
judged by `is_public` at every connection, by whoever connects (OWASP ASVS 1.3.6, 15.3.2)."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

NO_ADDRESS = "this is no address"
LONGEST = 2000
LOWEST_FREE_PORT = 1024
HTTPS = 443
WRAPPING = tuple(IPv6Network(one) for one in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16"))
"""Ranges of IPv6 that carry addresses of IPv4 (RFC 6052, 8215, 3056): nobody is to be reached by
such a way round."""

INSIDE = tuple(
    ip_network(one)
    for one in (
        "168.63.129.16/32",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "3fff::/20",
        "5f00::/16",
        "fec0::/10",
    )
)
"""What Python's tables take for public and is not: the address by which Azure's own platform is
reached from inside its machines, protocol assignments that clouds keep metadata at (RFC 6890),
relays of 6to4 (RFC 7526), documentation (RFC 9637), segment routing (RFC 9602) and the site-local
addresses of before (RFC 3879)."""


def fault(url: str, *, loopback: bool) -> str:
    """What is wrong with the address of a webhook, in words; "" for nothing. With `loopback`, as in
    development, this machine itself may be named."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return NO_ADDRESS
    if len(url) > LONGEST or not url.isascii() or any(one <= " " or one == "\\" for one in url):
        return NO_ADDRESS
    wrong = ""
    if parts.scheme != "https" or not host:
        wrong = "an address that begins with https://"
    elif parts.username is not None or parts.password is not None or "#" in url:
        wrong = "an address without a user, a password or a fragment"
    elif port is not None and port != HTTPS and port < LOWEST_FREE_PORT:
        wrong = "port 443, or one from 1024 on"
    elif _literal(host) is not None and not is_public(host, loopback=loopback):
        wrong = "an address of the public internet"
    return wrong


def is_public(address: str, *, loopback: bool) -> bool:
    """Whether a resolved address may be connected to."""
    found = _literal(address)
    if found is None:
        return False
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return is_public(str(found.ipv4_mapped), loopback=loopback)
        if found.scope_id or found.teredo or any(found in one for one in WRAPPING):
            return False
    if found.is_loopback:
        return loopback
    if any(found in one for one in INSIDE):
        return False
    return found.is_global and not (
        found.is_multicast or found.is_private or found.is_link_local or found.is_reserved
    )


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
