"""Tokens for other services, got on behalf of somebody, kept for that one account and no other.

A token is kept under its account and its scopes, sealed with both as context, until five minutes
before its end. It is given out for a token of that account alone that was verified just now, so
nobody gets it who could not have got one of their own.
"""

import asyncio
import base64
import json

from portal.domain.access.rules import account_id
from portal.domain.organizations.service import Organizations
from portal.domain.sessions import rules
from portal.domain.sessions.ports import KEPT_TOKEN, OnBehalf
from portal.domain.sessions.sealing import SignInSeal
from portal.domain.shared.clock import Clock
from portal.domain.shared.documents import Documents, Upsert

RENEW_BEFORE_MS = 5 * 60_000


class KeptTokens:
    """Tokens by account and scopes; those who ask at once for the same share one answer."""

    def __init__(
        self,
        organizations: Organizations,
        documents: Documents,
        seal: SignInSeal,
        on_behalf: OnBehalf,
        clock: Clock,
    ) -> None:
        self._directory = organizations.directory
        self._documents = documents
        self._seal = seal
        self._on_behalf = on_behalf
        self._clock = clock
        self._asking: dict[tuple[str, str], asyncio.Task[str]] = {}

    async def get(self, tenant_id: str, object_id: str, token: str, scopes: tuple[str, ...]) -> str:
        """A token for the scopes, for the account whose verified `token` it is. Raises
        ConsentRequired, InteractionRequired, NotAuthenticated, Unavailable."""
        account = account_id(tenant_id, object_id)
        key = account, " ".join(sorted(scopes))
        task = self._asking.get(key)
        if task is None:
            task = self._asking[key] = asyncio.create_task(
                self._get(account, tenant_id, token, scopes)
            )
            task.add_done_callback(lambda done: self._asked(key, done))
        return await asyncio.shield(task)

    def _asked(self, key: tuple[str, str], done: "asyncio.Task[str]") -> None:
        self._asking.pop(key, None)
        if not done.cancelled():
            done.exception()  # seen, also when nobody waits any more

    async def _get(self, account: str, tenant_id: str, token: str, scopes: tuple[str, ...]) -> str:
        partition = f"{self._directory}account|{account}"
        id = rules.hashed(" ".join(sorted(scopes)))
        context = f"kept-token|{account}|{id}"
        found = await self._documents.get(partition, KEPT_TOKEN, id)
        if found is not None:
            sealed = base64.b64decode(str(found.body["sealed"]))
            return str(json.loads(await self._seal.open(context, sealed)))
        granted = await self._on_behalf.on_behalf_of(tenant_id, token, scopes)
        ends_at_ms = self._clock.now_ms() + int(granted.expires_in * 1000) - RENEW_BEFORE_MS
        if ends_at_ms > self._clock.now_ms():
            sealed = await self._seal.seal(context, json.dumps(granted.text).encode())
            body = {"sealed": base64.b64encode(sealed).decode()}
            await self._documents.batch(partition, [Upsert(KEPT_TOKEN, id, body, ends_at_ms)])
        return granted.text
