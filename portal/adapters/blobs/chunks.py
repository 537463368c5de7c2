"""How a sealed blob lies: a header, then chunks of one size, the last one shorter.

    header   magic, length of the rest (4 bytes, big-endian), JSON: format version, partition,
             name, chunk size, data key wrapped, and whether an owner's key wraps it
    chunk    7 random bytes, then up to 1 MiB under AES-256-GCM with its 16-byte tag

The nonce of a chunk is its 7 bytes, its place (4 bytes, big-endian) and one byte, 1 for the last
chunk; the associated data is the whole header. So no chunk opens in another place or blob, and a
blob that was cut off has no last chunk. The 7 bytes are one writer's: whoever resumes draws new
ones, so that a chunk written twice with different bytes never shares a nonce. Every blob has at
least one chunk, and only an empty blob has an empty one. (STREAM: Hoang, Reyhanitabar, Rogaway,
Vizár, "Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", 2015, section 7.)
"""

import base64
import binascii
import json
import os
import struct
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from portal.domain.shared.blobs import Owner
from portal.domain.shared.errors import Damaged, InvalidInput, Unavailable

CHUNK = 1024 * 1024
PREFIX_BYTES = 7
FRAME = PREFIX_BYTES + CHUNK + 16
LEAST_FRAME = PREFIX_BYTES + 16
MOST_CHUNKS = 2**32 - 1
MAGIC = b"SWRB"
LENGTH = struct.Struct(">I")
LONGEST_HEADER = 4096
KEY_BYTES = 32
VERSION = 1
ALTERED = "A stored file is cut off or altered; restore it from a backup."


class Header(NamedTuple):
    """A blob's header as stored, and its data key opened."""

    stored: bytes
    key: bytes


def new_header(owner: Owner, name: str) -> Header:
    """A header with a fresh data key."""
    key = os.urandom(KEY_BYTES)
    outer = owner.keyring.own_key if owner.key is None else owner.key
    wrapped = owner.keyring.seal(outer, _context(name), key)
    told = {
        "version": VERSION,
        "partition": owner.partition,
        "name": name,
        "chunk": CHUNK,
        "by": _by(owner),
        "key": base64.b64encode(wrapped).decode(),
    }
    text = json.dumps(told, separators=(",", ":")).encode()
    return Header(MAGIC + LENGTH.pack(len(text)) + text, key)


def read_header(owner: Owner, name: str, beginning: bytes) -> Header:
    """The header of that blob at the beginning of its bytes. Damaged when it is none, or not
    this blob's, or sealed with another key."""
    start = len(MAGIC) + LENGTH.size
    if beginning[: len(MAGIC)] != MAGIC or len(beginning) < start:
        raise Damaged(ALTERED)
    (length,) = LENGTH.unpack(beginning[len(MAGIC) : start])
    stored = beginning[: start + length]
    if length > LONGEST_HEADER or len(stored) < start + length:
        raise Damaged(ALTERED)
    try:
        told = json.loads(stored[start:])
        found = told["version"], told["partition"], told["name"], told["chunk"], told["by"]
        wrapped = base64.b64decode(told["key"], validate=True)
    except (ValueError, KeyError, TypeError, binascii.Error) as error:
        raise Damaged(ALTERED) from error
    if found != (VERSION, owner.partition, name, CHUNK, _by(owner)):
        raise Damaged(ALTERED)
    outer = owner.keyring.own_key if owner.key is None else owner.key
    try:
        return Header(stored, owner.keyring.open(outer, _context(name), wrapped))
    except Unavailable as error:
        raise Damaged("A stored file does not open with this key.") from error


def token_of(header: Header) -> str:
    """The header as text, for a writer that resumes."""
    return base64.b64encode(header.stored).decode()


def of_token(owner: Owner, name: str, token: str) -> Header:
    """The header of a token; InvalidInput when it is none of this blob."""
    try:
        stored = base64.b64decode(token, validate=True)
        header = read_header(owner, name, stored)
    except (ValueError, Damaged) as error:
        raise InvalidInput("This token is not of this file.") from error
    if header.stored != stored:
        raise InvalidInput("This token is not of this file.")
    return header


class Sealer:
    """Seals one writer's chunks of a blob."""

    def __init__(self, header: Header) -> None:
        self._header = header.stored
        self._cipher = AESGCM(header.key)
        self._prefix = os.urandom(PREFIX_BYTES)

    def seal(self, place: int, plain: bytes, *, last: bool) -> bytes:
        """The chunk as stored."""
        if place > MOST_CHUNKS:
            raise InvalidInput("The file is too large.")
        nonce = _nonce(self._prefix, place, last=last)
        return self._prefix + self._cipher.encrypt(nonce, plain, self._header)


class Opener:
    """Opens the chunks of a blob of that many bytes as stored. Raises Damaged when so many
    bytes are no blob."""

    def __init__(self, header: Header, stored_size: int) -> None:
        self._header = header.stored
        self._cipher = AESGCM(header.key)
        body = stored_size - len(header.stored)
        self.last = max(0, -(-body // FRAME) - 1)
        self._last_frame = body - self.last * FRAME
        if self._last_frame < LEAST_FRAME + (1 if self.last else 0):
            raise Damaged(ALTERED)
        self.size = self.last * CHUNK + self._last_frame - LEAST_FRAME

    def extent(self, place: int) -> tuple[int, int]:
        """Where a chunk lies: its offset and its length as stored."""
        length = self._last_frame if place == self.last else FRAME
        return len(self._header) + place * FRAME, length

    def open(self, place: int, frame: bytes) -> bytes:
        """The plain bytes of a chunk. Raises Damaged."""
        nonce = _nonce(frame[:PREFIX_BYTES], place, last=place == self.last)
        try:
            return self._cipher.decrypt(nonce, frame[PREFIX_BYTES:], self._header)
        except (InvalidTag, ValueError) as error:
            raise Damaged(ALTERED) from error


def _nonce(prefix: bytes, place: int, *, last: bool) -> bytes:
    return prefix + LENGTH.pack(place) + (b"\1" if last else b"\0")


def _by(owner: Owner) -> str:
    return "organization" if owner.key is None else "owner"


def _context(name: str) -> str:
    return f"blob key|{name}"
