"""The Entra registration, against a Graph that keeps what it is told."""

from typing import Any

from infra import register_app

HOST = "switchroom.example.com"
IDENTITY = "5b1a6c1e-5d6e-4c6f-9f9d-0a1b2c3d4e5f"
TENANT = "6f2b1d0c-7c1e-4f0e-9a55-0d5f2c3b4a10"
APP_ID = "0d0c7c0e-1f8a-4a53-8c65-2d6b0e1c9a77"


class Graph:
    """Upserts by address, as Graph does with `Prefer: create-if-missing`."""

    def __init__(self) -> None:
        self.kept: dict[str, dict[str, Any]] = {}
        self.principals: list[str] = []

    def ask(self, method: str, path: str, body: Any) -> Any:
        if path.startswith("/servicePrincipals"):
            if method == "POST":
                self.principals.append(body["appId"])
                return body
            return {"value": self.principals}
        known = self.kept.setdefault(path, {"appId": APP_ID})
        if method == "PATCH":
            api = known.get("api", {}) | body.get("api", {})
            self._clients_have_scopes(api, known)
            known |= body
            if api:
                known["api"] = api
        return known

    def _clients_have_scopes(self, api: dict[str, Any], known: dict[str, Any]) -> None:
        before = known.get("api", {}).get("oauth2PermissionScopes", ())
        scopes = {one["id"] for one in before}
        for client in api.get("preAuthorizedApplications", ()):
            assert set(client["delegatedPermissionIds"]) <= scopes


def registered(graph: Graph) -> dict[str, Any]:
    given = register_app.register("switchroom-eu", HOST, IDENTITY, TENANT, graph.ask)
    assert given == APP_ID
    return graph.kept["/applications(uniqueName='switchroom-eu')"]


def test_the_tab_gets_tokens_for_this_host_and_this_app() -> None:
    app = registered(Graph())
    assert app["identifierUris"] == [f"api://{HOST}/{APP_ID}"]
    (scope,) = app["api"]["oauth2PermissionScopes"]
    assert scope["value"] == "access_as_user"
    clients = {one["appId"] for one in app["api"]["preAuthorizedApplications"]}
    assert clients >= set(register_app.TEAMS_CLIENTS)


def test_people_of_other_tenants_cannot_sign_in() -> None:
    assert registered(Graph())["signInAudience"] == "AzureADMyOrg"


def test_no_token_comes_by_the_address_and_no_secret_is_made() -> None:
    graph = Graph()
    flows = registered(graph)["web"]["implicitGrantSettings"]
    assert not any(flows.values())
    assert "passwordCredentials" not in str(graph.kept)


def test_the_process_proves_itself_by_its_identity() -> None:
    graph = Graph()
    registered(graph)
    (path,) = (path for path in graph.kept if "federatedIdentityCredentials" in path)
    assert graph.kept[path]["subject"] == IDENTITY
    assert TENANT in graph.kept[path]["issuer"]


def test_registering_again_changes_nothing() -> None:
    graph = Graph()
    registered(graph)
    before = repr(graph.kept)
    registered(graph)
    assert repr(graph.kept) == before
    assert graph.principals == [APP_ID]
