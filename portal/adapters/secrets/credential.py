"""Who the process is to Azure: an identity that the platform gives it, never a stored secret.

The chain, first that answers: workload identity (federated token of a cluster), managed identity
(Container Apps and machines), Azure CLI (people at their own machine). `AZURE_CLIENT_ID`,
`AZURE_TENANT_ID` and `AZURE_FEDERATED_TOKEN_FILE` are the platform's own variables.
"""

import os
from collections.abc import Mapping
from typing import Any

from azure.core.credentials_async import AsyncTokenCredential
from azure.identity.aio import (
    AzureCliCredential,
    ChainedTokenCredential,
    ManagedIdentityCredential,
    WorkloadIdentityCredential,
)

FEDERATED = ("AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_FEDERATED_TOKEN_FILE")


def chain(environment: Mapping[str, str] = os.environ, **options: Any) -> ChainedTokenCredential:
    """The credential; close it when done. `options` go to the identities of the platform, such as
    a transport."""
    links: list[AsyncTokenCredential] = []
    client, tenant, token_file = (environment.get(name) for name in FEDERATED)
    if client and tenant and token_file:
        links.append(
            WorkloadIdentityCredential(
                client_id=client, tenant_id=tenant, token_file_path=token_file, **options
            )
        )
    links.append(ManagedIdentityCredential(client_id=client or None, **options))
    links.append(AzureCliCredential())
    return ChainedTokenCredential(*links)
