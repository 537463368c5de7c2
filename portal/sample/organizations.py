"""The sample organisations by code."""

from collections.abc import Mapping
from typing import Final

from portal.sample.harbour import HARBOUR
from portal.sample.juniper import JUNIPER
from portal.sample.model import Organization

ORGANIZATIONS: Final[Mapping[str, Organization]] = {
    organization.code: organization for organization in (HARBOUR, JUNIPER)
}

QUEUE_NAMES: Final[Mapping[str, Mapping[str, str]]] = {
    code: {queue.key: queue.name for system in organization.systems for queue in system.queues}
    for code, organization in ORGANIZATIONS.items()
}
"""Organisation -> queue key -> what people call the queue. Genesys details carry ids alone."""
