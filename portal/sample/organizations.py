"""The sample organisations by code."""

from collections.abc import Mapping
from typing import Final

from portal.sample.harbour import HARBOUR
from portal.sample.juniper import JUNIPER
from portal.sample.model import Organization

ORGANIZATIONS: Final[Mapping[str, Organization]] = {
    organization.code: organization for organization in (HARBOUR, JUNIPER)
}
