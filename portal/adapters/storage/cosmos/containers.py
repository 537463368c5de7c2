"""The containers of the store: the one definition that `provision`, the infrastructure and the
check at start share.

Every container is partitioned by `/pk`, a single string that begins with the region. Nothing is
indexed but the paths that queries of this store compare or order by: sealed values and bodies are
only read by id, and each indexed path makes every write dearer. `ttl` seconds in an item remove it
in the service's own time; reads leave out what has expired by themselves.
"""

from typing import Any, NamedTuple

PARTITION_PATH = "/pk"
NO_DEFAULT_TTL = -1
"""Items without a `ttl` of their own stay."""
MOST_AUTOSCALE = 4000
"""RU/s that a container may grow to; it rests at a tenth of that."""


class ContainerDefinition(NamedTuple):
    """A container. `indexed` are the paths that queries use, `composite` the pairs they are
    ordered by; `throughput` is the autoscale maximum in RU/s."""

    name: str
    indexed: tuple[str, ...]
    composite: tuple[tuple[str, ...], ...] = ()
    throughput: int = MOST_AUTOSCALE

    def indexing_policy(self) -> dict[str, Any]:
        """As the service takes it."""
        policy: dict[str, Any] = {
            "indexingMode": "consistent",
            "automatic": True,
            "includedPaths": [{"path": f"{path}/?"} for path in self.indexed],
            "excludedPaths": [{"path": "/*"}],
        }
        if self.composite:
            policy["compositeIndexes"] = [
                [{"path": path, "order": "ascending"} for path in paths] for paths in self.composite
            ]
        return policy


ASKED_FIELDS = (
    "conversation",
    "incident",
    "origin",
    "person",
    "receiver",
    "reporter",
    "rule",
    "stage",
    "state",
)
"""Fields of documents that the domain asks for by equality."""

DOCUMENTS = ContainerDefinition(
    "documents",
    indexed=("/at", "/seq", "/expires", *(f"/body/{name}" for name in ASKED_FIELDS)),
)
CONTACTS = ContainerDefinition(
    "contacts",
    indexed=("/kind", "/number", "/arrived", "/ended"),
    composite=(("/arrived", "/number"), ("/ended", "/number")),
)
PAGES = ContainerDefinition("pages", indexed=("/kind", "/number"))
CONTAINERS: tuple[ContainerDefinition, ...] = (DOCUMENTS, CONTACTS, PAGES)
