"""The sample organisations' agents: who they are and how each source writes them.

An agent's key in a source is what stands in that source's records: the Connect agent ARN, the
Genesys user id, the 3CX extension. Teams call-queue rows name no agent.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple
from uuid import UUID, uuid5

CONNECT_ACCOUNT: Final = "123456789012"
CONNECT_INSTANCE: Final = (
    f"arn:aws:connect:eu-west-2:{CONNECT_ACCOUNT}:instance/5a1e0c52-6f0b-4c1a-9d6e-2b7f1c3d4e5f"
)
_NAMESPACE: Final = UUID("0b0e7c9a-4d1c-4f57-8f5e-6a2d9c1b3e70")


class Agent(NamedTuple):
    """An agent as one source knows them. `key` identifies, `username` and `name` are labels."""

    slug: str
    name: str
    key: str
    username: str


def stable_id(*parts: str) -> str:
    """A UUID that is always the same for the same words."""
    return str(uuid5(_NAMESPACE, "/".join(parts)))


def connect_arn(kind: str, name: str) -> str:
    """The ARN of an agent, a queue or a routing profile of the sample Connect instance."""
    return f"{CONNECT_INSTANCE}/{kind}/{stable_id('connect', kind, name)}"


def _slug(name: str) -> str:
    return name.lower().replace(" ", ".")


def _connect(names: str) -> tuple[Agent, ...]:
    return tuple(
        Agent(_slug(name), name, connect_arn("agent", _slug(name)), _slug(name))
        for name in names.split(", ")
    )


def _genesys(names: str) -> tuple[Agent, ...]:
    return tuple(
        Agent(_slug(name), name, stable_id("genesys", "user", _slug(name)), _slug(name))
        for name in names.split(", ")
    )


def _three_cx(names: str, first_extension: int) -> tuple[Agent, ...]:
    return tuple(
        Agent(_slug(name), name, str(first_extension + n), _slug(name))
        for n, name in enumerate(names.split(", "))
    )


def _teams(names: str) -> tuple[Agent, ...]:
    return tuple(
        Agent(
            _slug(name),
            name,
            stable_id("teams", "user", _slug(name)),
            f"{_slug(name)}@juniper.example",
        )
        for name in names.split(", ")
    )


CONNECT_VOICE: Final = _connect(
    "Amira Khan, Owen Fairweather, Priya Raman, Callum Brodie, Nia Prosser, Tomasz Wilk, "
    "Grace Adeyemi, Harriet Lowe, Samuel Okoro, Ellie Marchbank, Dylan Pryce, Ruth Castle"
)
CONNECT_CHAT: Final = _connect("Imogen Vale, Kofi Asante, Megan Thorley")
BRISTOL: Final = _three_cx("Amira Khan, Peter Gorse, Lucy Tamblyn, Ivan Petrov", 184)
LEEDS: Final = _three_cx("Joan Ackroyd, Bilal Hussain, Fiona Sugden, Marek Zielny", 194)
GENESYS_OUTAGES: Final = _genesys(
    "Noah Reyes, Dana Whitlock, Marcus Bell, Teresa Quinn, Andre Fontaine, Wei Zhang, "
    "Shauna Riggs, Luis Ortega, Hannah Sorensen"
)
GENESYS_BILLING: Final = _genesys(
    "Carla Mendez, Jerome Pike, Alice Nakamura, Ben Stroud, Yolanda Price, Victor Hale, "
    "Rosa Delgado, Ethan Moss"
)
GENESYS_DIGITAL: Final = _genesys("Piper Lane, Omar Farouk, June Castellano, Theo Marsh")
TEAMS_USERS: Final = _teams(
    "Holly Banks, Curtis Vaughn, Ramona Diaz, Seth Calloway, Nina Petrakis, Dwight Ames"
)
"""People behind the Teams call queues. The queues' rows do not name them, call records do."""

_BY_SOURCE: Final = {
    "amazon-connect": CONNECT_VOICE + CONNECT_CHAT,
    "three-cx": BRISTOL + LEEDS,
    "genesys": GENESYS_OUTAGES + GENESYS_BILLING + GENESYS_DIGITAL,
}


def _keys() -> dict[str, dict[str, str]]:
    keys: dict[str, dict[str, str]] = {}
    for source, agents in _BY_SOURCE.items():
        for agent in agents:
            keys.setdefault(agent.slug, {})[source] = agent.key
    return keys


AGENT_KEYS: Final[Mapping[str, Mapping[str, str]]] = _keys()
"""Person -> source -> the agent's key there; `amira.khan` of `harbour` works in two sources,
`noah.reyes` is of `juniper`."""
