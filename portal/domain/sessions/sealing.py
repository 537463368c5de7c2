"""The key that seals what sign-ins leave in the store: the region's, not an organisation's, since
nobody knows yet whose person is coming."""

import base64
from collections.abc import Mapping

from portal.domain.organizations.service import Organizations
from portal.domain.sessions.ports import SIGN_IN_KEY
from portal.domain.shared.documents import Create, Documents, Replace
from portal.domain.shared.errors import Conflict, Unavailable
from portal.domain.shared.sealing import Keyring, Keyrings

NAME = "sign-in"


class SignInSeal:
    """Seals and opens with the region's key, made when it is first needed."""

    def __init__(
        self, organizations: Organizations, documents: Documents, keyrings: Keyrings
    ) -> None:
        self._partition = organizations.directory
        self._documents = documents
        self._keyrings = keyrings
        self._opened: Keyring | None = None

    async def seal(self, context: str, plain: bytes) -> bytes:
        """The sealed bytes; the same context opens them."""
        keyring = await self._keyring()
        return keyring.seal(keyring.own_key, context, plain)

    async def open(self, context: str, sealed: bytes) -> bytes:
        """The plain bytes. Raises Unavailable when they do not open."""
        keyring = await self._keyring()
        return keyring.open(keyring.own_key, context, sealed)

    async def blind(self, kind: str, value: str) -> str:
        """32 hexadecimal digits that stand for the value of this kind in the region."""
        return (await self._keyring()).blind(kind, value).hex()

    async def rotate(self) -> None:
        """Wraps the key by a fresh outer one; what is sealed stays as it is, and where nothing was
        sealed yet there is nothing to do. Conflict when somebody else does the same just now."""
        document = await self._documents.get(self._partition, SIGN_IN_KEY, NAME)
        if document is None:
            return
        fresh = await self._keyrings.rotate(NAME, base64.b64decode(str(document.body["key"])))
        body = {"key": base64.b64encode(fresh).decode()}
        await self._documents.batch(
            self._partition, [Replace(SIGN_IN_KEY, NAME, body, document.etag)]
        )

    async def wrapped(self) -> Mapping[str, bytes]:
        """The key as it is stored, by its name, if there is one: its outer key must not be
        retired."""
        document = await self._documents.get(self._partition, SIGN_IN_KEY, NAME)
        return {} if document is None else {NAME: base64.b64decode(str(document.body["key"]))}

    async def _keyring(self) -> Keyring:
        if self._opened is None:
            self._opened = await self._keyrings.open(NAME, await self._wrapped())
        return self._opened

    async def _wrapped(self) -> bytes:
        for _ in range(2):
            document = await self._documents.get(self._partition, SIGN_IN_KEY, NAME)
            if document is not None:
                return base64.b64decode(str(document.body["key"]))
            body = {"key": base64.b64encode(await self._keyrings.new(NAME)).decode()}
            try:
                await self._documents.batch(self._partition, [Create(SIGN_IN_KEY, NAME, body)])
            except Conflict:
                continue  # another process was first: theirs counts
            return base64.b64decode(body["key"])
        raise Unavailable("The key of sign-ins cannot be read just now.")
