"""What is wrong with the file of a bot's credential, seen at start and not at the first message."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

LARGEST = 1024 * 1024
T = TypeVar("T")


def fault(credential: str, path: Path) -> str:
    """What is wrong with the file of that credential, to be read behind its setting's name; "" for
    nothing. Says nothing of what the file holds."""
    try:
        if not path.is_file():
            return "names no file that can be read"
        with path.open("rb") as stream:
            content = stream.read(LARGEST + 1)
    except OSError:
        return "names no file that can be read"
    if not content.strip():
        return "names an empty file"
    if len(content) > LARGEST:
        return "names a file too large for a credential"
    try:
        content.decode()
    except UnicodeDecodeError:
        return "names a file that is no text"
    return _fault_of_pem(content) if credential == "certificate" else ""


def _fault_of_pem(content: bytes) -> str:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    certificate = _loaded(lambda: x509.load_pem_x509_certificate(content))
    if certificate is None:
        return "names a file without a certificate (PEM)"
    key = _loaded(lambda: load_pem_private_key(content, None))
    if key is None:
        return "names a file without a private key (PEM, not encrypted)"
    if key.public_key() != certificate.public_key():
        return "names a file whose private key is not that of its certificate"
    return ""


def _loaded(load: Callable[[], T]) -> T | None:
    """None for what is not there, cannot be read or is encrypted."""
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        return load()
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
