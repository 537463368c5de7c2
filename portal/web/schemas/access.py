"""Who is asking, and in which organisation."""

from portal.web.schemas.base import Answer


class Organization(Answer):
    """An organisation as its members see it."""

    code: str
    name: str
    region: str
    time_zone: str


class Me(Answer):
    """The signed-in person in the organisation of this request."""

    person: str
    display_name: str
    role: str
    permissions: list[str]
    organization: Organization
    organizations: list[Organization]
