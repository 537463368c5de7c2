"""What signing in asks Microsoft Graph: the groups of somebody who is in more than a token holds.

Source: "Groups overage claim" and `POST /me/getMemberGroups`; the scope `User.Read` is enough for
one's own.
"""

from portal.adapters.identity.entra_http import BUSY, Outbound
from portal.domain.shared.errors import Unavailable

SCOPES = ("User.Read",)
ASK_S = 4.0
MOST_GROUPS = 10_000


class Graph:
    """Microsoft Graph at `url`."""

    def __init__(self, url: str, outbound: Outbound) -> None:
        self._url = url
        self._outbound = outbound

    async def groups(self, token: str) -> frozenset[str]:
        """Ids of every security group of the person whose Graph token it is. Raises
        Unavailable."""
        answer = await self._outbound.post_json(
            f"{self._url}/v1.0/me/getMemberGroups", {"securityEnabledOnly": True}, ASK_S, token
        )
        listed = answer.body.get("value") if isinstance(answer.body, dict) else None
        if answer.status != 200 or not isinstance(listed, list):
            raise Unavailable(BUSY)
        return frozenset(one for one in listed[:MOST_GROUPS] if isinstance(one, str))
