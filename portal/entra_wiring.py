"""Microsoft Entra ID as the settings say it is registered; part of portal/wiring.py."""

from typing import Any, NamedTuple
from urllib.parse import urlsplit

from portal.adapters.identity.entra import EntraVerifier, Registration
from portal.adapters.identity.entra_graph import SCOPES, Graph
from portal.adapters.identity.entra_http import Outbound
from portal.adapters.identity.entra_keys import SigningKeys
from portal.adapters.identity.entra_msal import EntraApp, credential
from portal.domain.organizations.service import Organizations
from portal.domain.sessions.kept_tokens import KeptTokens
from portal.domain.sessions.sealing import SignInSeal
from portal.domain.shared.clock import Clock
from portal.domain.shared.documents import Documents
from portal.entra_settings import FILES
from portal.settings import Settings


class Entra(NamedTuple):
    """What vouches for tokens, what signs people in, and what has to be closed."""

    verifier: EntraVerifier
    app: EntraApp
    keys: SigningKeys
    outbound: Outbound

    async def close(self) -> None:
        """Ends what runs."""
        await self.keys.close()
        self.outbound.close()


def build(
    settings: Settings,
    clock: Clock,
    organizations: Organizations,
    documents: Documents,
    seal: SignInSeal,
) -> Entra | None:
    """Entra ID, or None when no app is registered."""
    if not settings.entra_app_id:
        return None
    registration = registered(settings)
    outbound = Outbound(settings.entra_ca_file)
    graph = Graph(settings.graph_url, outbound)
    address = f"{registration.authority}/common/discovery/v2.0/keys"

    async def fetch() -> Any:
        return (await outbound.get_json(address)).body

    async def groups_of(tenant_id: str, object_id: str, token: str) -> frozenset[str]:
        return await graph.groups(await kept.get(tenant_id, object_id, token, SCOPES))

    keys = SigningKeys(fetch)
    verifier = EntraVerifier(keys, registration, clock, groups_of)
    kind = settings.entra_credential
    path = getattr(settings, FILES[kind]) if kind in FILES else None
    app = EntraApp(registration, credential(kind, path), outbound, verifier, graph)
    kept = KeptTokens(organizations, documents, seal, app, clock)
    return Entra(verifier, app, keys, outbound)


def registered(settings: Settings) -> Registration:
    """The registration. A token may be for the app's id, or for its address, which names the host
    of the tab."""
    host = urlsplit(settings.public_url).hostname or "localhost"
    app_id = settings.entra_app_id
    return Registration(
        authority=settings.entra_authority,
        app_id=app_id,
        audiences=(app_id, f"api://{host}/{app_id}"),
        clients=frozenset(settings.entra_client_ids),
        context=settings.step_up_context,
        tenant_id=settings.entra_tenant_id,
    )
