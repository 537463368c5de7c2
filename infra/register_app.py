"""Registers in Microsoft Entra what the tab signs in with, and says its id.

    python infra/register_app.py --name switchroom-eu --host HOST --identity PRINCIPAL_ID

Needs the Azure CLI, signed in as somebody who may register applications. Running it again brings
the registration to what is said here; nothing is made twice. There is no client secret: the `web`
process proves itself by its managed identity, whose principal id is given.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any
from uuid import NAMESPACE_URL, uuid5

GRAPH = "https://graph.microsoft.com/v1.0"
SCOPE = "access_as_user"
TEAMS_CLIENTS = (
    "1fec8e78-bce4-4aaf-ab1b-5451cc387264",
    "5e3ce6c0-2b1f-4285-8d4b-75ee78787346",
)
"""Teams on desktop and mobile, and on the web: they get tokens of the signed-in person unasked."""
OFFICE_CLIENTS = (
    "4765445b-32c6-49b0-83e6-1d93765276ca",
    "0ec893e0-5785-4de6-99da-4ed124e5296c",
    "d3590ed6-52b3-4102-aeff-aad2292ab01c",
    "bc59ab01-8403-45c6-8796-ac3ef710b3e3",
    "27922004-5251-4030-b22d-91ecd9a37ea4",
)
"""Microsoft 365 and Outlook, which show the same tab."""
DELEGATED = {
    "resourceAppId": "00000003-0000-0000-c000-000000000000",
    "resourceAccess": [{"id": "e1fe6dd8-ba31-4d61-89e7-88639da4683d", "type": "Scope"}],
}
"""User.Read of Microsoft Graph, on behalf of the person; nothing that an administrator must grant
for everybody."""

Ask = Callable[[str, str, Any], Any]
"""Method, path below GRAPH, body: what Graph answers. Raises SystemExit when it refuses."""


def application(name: str, host: str, app_id: str | None = None) -> dict[str, Any]:
    """The registration as Graph takes it; what holds its own id follows once it has one."""
    scope = str(uuid5(NAMESPACE_URL, f"https://{host}/{SCOPE}"))
    body: dict[str, Any] = {
        "displayName": name,
        "signInAudience": "AzureADMyOrg",
        "groupMembershipClaims": "SecurityGroup",
        "web": {
            "redirectUris": [f"https://{host}/sign-in/callback"],
            "implicitGrantSettings": {
                "enableAccessTokenIssuance": False,
                "enableIdTokenIssuance": False,
            },
        },
        "requiredResourceAccess": [DELEGATED],
    }
    if app_id is None:
        return body
    words = "Use Switchroom as the person who is signed in"
    body["identifierUris"] = [f"api://{host}/{app_id}"]
    body["api"] = {
        "requestedAccessTokenVersion": 2,
        "oauth2PermissionScopes": [
            {
                "id": scope,
                "value": SCOPE,
                "type": "User",
                "isEnabled": True,
                "adminConsentDisplayName": words,
                "adminConsentDescription": words,
                "userConsentDisplayName": words,
                "userConsentDescription": words,
            }
        ],
        "preAuthorizedApplications": [
            {"appId": client, "delegatedPermissionIds": [scope]}
            for client in (*TEAMS_CLIENTS, *OFFICE_CLIENTS)
        ],
    }
    return body


def register(name: str, host: str, identity: str, tenant: str, ask: Ask) -> str:
    """Brings the registration to what it has to be; its client id."""
    key = f"/applications(uniqueName='{name}')"
    ask("PATCH", key, application(name, host))
    made = ask("GET", key, None)
    # A scope has to be there before clients can be let use it.
    body = application(name, host, made["appId"])
    clients = body["api"].pop("preAuthorizedApplications")
    ask("PATCH", key, body)
    ask("PATCH", key, {"api": {"preAuthorizedApplications": clients}})
    if not ask("GET", f"/servicePrincipals?$filter=appId eq '{made['appId']}'", None)["value"]:
        ask("POST", "/servicePrincipals", {"appId": made["appId"]})
    ask(
        "PATCH",
        f"{key}/federatedIdentityCredentials(name='web')",
        {
            "issuer": f"https://login.microsoftonline.com/{tenant}/v2.0",
            "subject": identity,
            "audiences": ["api://AzureADTokenExchange"],
        },
    )
    return str(made["appId"])


def _az(*words: str) -> str:
    answer = subprocess.run(["az", *words], capture_output=True, text=True, check=False)
    if answer.returncode:
        sys.exit(f"az {words[0]} failed: {answer.stderr.strip()}")
    return answer.stdout


def _graph(method: str, path: str, body: Any) -> Any:
    words = ["rest", "--method", method, "--url", GRAPH + path, "--output", "json"]
    if body is not None:
        words += ["--headers", "Content-Type=application/json", "Prefer=create-if-missing"]
        words += ["--body", json.dumps(body)]
    answer = _az(*words)
    return json.loads(answer) if answer.strip() else None


def main(arguments: Sequence[str]) -> int:
    """The exit code: 0 when the registration is as it has to be."""
    parser = argparse.ArgumentParser(description="Register the tab's sign-in in Microsoft Entra.")
    parser.add_argument("--name", required=True, help="such as switchroom-eu-prod")
    parser.add_argument("--host", required=True, help="the host of SWITCHROOM_PUBLIC_URL")
    parser.add_argument("--identity", required=True, help="principal id of the web identity")
    asked = parser.parse_args(arguments)
    tenant = _az("account", "show", "--query", "tenantId", "--output", "tsv").strip()
    print(register(asked.name, asked.host, asked.identity, tenant, _graph))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
