"""Signing in by way of a browser: away to the identity provider, and back.

What has to be remembered meanwhile is a document of ten minutes, sealed, known by a secret that
the browser keeps in a cookie. It is taken out when the browser is back, so that an answer counts
once, and only in the browser that asked.
"""

import base64
import json
from collections.abc import Mapping
from typing import Any

from portal.domain.access.rules import proved_at_s
from portal.domain.access.service import REFUSED, Access
from portal.domain.organizations.service import Organizations
from portal.domain.sessions import rules
from portal.domain.sessions.model import Finished, Purpose, Session, Started
from portal.domain.sessions.ports import SIGN_IN, IdentityProvider
from portal.domain.sessions.sealing import SignInSeal
from portal.domain.sessions.service import Sessions
from portal.domain.shared.clock import Clock
from portal.domain.shared.documents import Create, Delete, Documents
from portal.domain.shared.errors import Conflict, NotAuthenticated, NotFound, RateLimited

CONTEXT = "sign-in"
CONSENTED = ("User.Read",)
"""What the app asks Microsoft Graph for, on behalf of people."""
GIVEN = "consent-given"
MOST_A_MINUTE = 1200
FRESH_S = 300
"""A proof must be about a sign-in that happened now, give or take the clocks."""


class SigningIn:
    """Sign-ins on their way. `context` is the authentication context that stands for a second
    factor."""

    def __init__(
        self,
        *,
        provider: IdentityProvider,
        organizations: Organizations,
        documents: Documents,
        sessions: Sessions,
        access: Access,
        seal: SignInSeal,
        clock: Clock,
        context: str,
    ) -> None:
        self._provider = provider
        self._documents = documents
        self._sessions = sessions
        self._access = access
        self._seal = seal
        self._clock = clock
        self._claims = step_up_claims(context)
        self._minute = 0, 0
        self._partition = f"{organizations.directory}sign-in"

    async def start(
        self,
        redirect_uri: str,
        *,
        purpose: Purpose,
        return_to: str = "",
        current: Session | None = None,
    ) -> Started:
        """Sends a browser away to sign in; to prove somebody wants the second factor, now.
        `current` is the session that is to be proven. Raises NotAuthenticated when there is
        none, RateLimited, Unavailable."""
        if purpose is Purpose.STEP_UP and current is None:
            raise NotAuthenticated(REFUSED)
        self._require_room()
        strong = purpose in {Purpose.STEP_UP, Purpose.PROOF}
        begun = await self._provider.begin(
            redirect_uri,
            claims=self._claims if strong else "",
            again=strong,
            scopes=CONSENTED if purpose is Purpose.CONSENT else (),
        )
        secret = rules.new_secret()
        kept = {
            "purpose": purpose,
            "return_to": rules.safe_return(return_to),
            "kept": begun.kept,
            "session": [current.claims.person_id, current.id] if current else None,
        }
        id = rules.hashed(secret)
        sealed = await self._seal.seal(f"{CONTEXT}|{id}", json.dumps(kept).encode())
        ends_at_ms = self._clock.now_ms() + rules.SIGN_IN_MS
        await self._documents.batch(
            self._partition, [Create(SIGN_IN, id, {"sealed": _text(sealed)}, ends_at_ms)]
        )
        return Started(begun.address, secret)

    async def finish(self, secret: str, answer: Mapping[str, str], *, user_agent: str) -> Finished:
        """What a browser that is back gets. Raises NotAuthenticated for an answer nobody waits for,
        one that does not hold, another person than the session's, or a missing second factor."""
        kept = await self._take(secret)
        purpose, return_to = Purpose(kept["purpose"]), str(kept["return_to"])
        claims = await self._provider.finish(str(kept["kept"]), answer)
        if purpose is Purpose.SESSION:
            opened = await self._sessions.open(claims, user_agent)
            return Finished(purpose, return_to, cookie=opened.cookie)
        if purpose is Purpose.CONSENT:
            await self._access.recognise(claims)
            return Finished(purpose, return_to, proof=GIVEN)
        self._require_fresh(proved_at_s(claims))
        if purpose is Purpose.PROOF:
            await self._access.recognise(claims)
            return Finished(purpose, return_to, proof=await self._sessions.prove(claims))
        current = await self._sessions.alive(*kept["session"])
        if current is None or current.claims.person_id != claims.person_id:
            raise NotAuthenticated(REFUSED)
        opened = await self._sessions.open(claims, user_agent, instead_of=current)
        return Finished(purpose, return_to, cookie=opened.cookie)

    def _require_room(self) -> None:
        """Anybody may begin a sign-in, and each leaves a document for ten minutes."""
        minute = self._clock.now_ms() // 60_000
        if self._minute[0] != minute:
            self._minute = minute, 0
        if self._minute[1] >= MOST_A_MINUTE:
            raise RateLimited("Too many people sign in at once; try again.", retry_after=10)
        self._minute = minute, self._minute[1] + 1

    def _require_fresh(self, proved: float | None) -> None:
        if proved is None or abs(self._clock.now_ms() / 1000 - proved) > FRESH_S:
            raise NotAuthenticated(REFUSED)

    async def _take(self, secret: str) -> Mapping[str, Any]:
        """What was kept, once."""
        id = rules.hashed(secret)
        document = await self._documents.get(self._partition, SIGN_IN, id)
        if document is None:
            raise NotAuthenticated(REFUSED)
        try:
            await self._documents.batch(self._partition, [Delete(SIGN_IN, id, document.etag)])
        except (Conflict, NotFound):
            raise NotAuthenticated(REFUSED) from None
        sealed = base64.b64decode(str(document.body["sealed"]))
        opened: Mapping[str, Any] = json.loads(await self._seal.open(f"{CONTEXT}|{id}", sealed))
        return opened


def step_up_claims(context: str) -> str:
    """The claims to ask Entra ID for so that it asks for the second factor: for the ID token of a
    browser and for the access token of the tab ("Developer guide to Conditional Access
    authentication context")."""
    wanted = {"acrs": {"essential": True, "value": context}}
    return json.dumps({"id_token": wanted, "access_token": wanted})


def _text(sealed: bytes) -> str:
    return base64.b64encode(sealed).decode()
