"""Where the Bot Framework is: who signs, where keys are, where tokens come from, which hosts."""

from dataclasses import dataclass

CHANNEL = "msteams"


@dataclass(frozen=True, slots=True)
class Cloud:
    """One cloud of the Bot Framework. `issuer` signs what comes in; `metadata_url` names its keys;
    `login_url` issues the bot's own tokens for `scope`; `hosts` are the connector's, exactly."""

    issuer: str
    metadata_url: str
    login_url: str
    scope: str
    hosts: frozenset[str]


PUBLIC = Cloud(
    issuer="https://api.botframework.com",
    metadata_url="https://login.botframework.com/v1/.well-known/openidconfiguration",
    login_url="https://login.microsoftonline.com",
    scope="https://api.botframework.com/.default",
    hosts=frozenset({"smba.trafficmanager.net"}),
)
"""The public cloud, as Microsoft documents it in "Authenticate requests with the Bot Connector"."""
