"""What an organisation is stored as."""

from portal.domain.shared.fields import Category, Erase, Field, Kind, Subject

ORGANIZATION = Kind(
    "organization",
    (
        Field("code", Category.IDENTIFIER, Subject.ORGANIZATION),
        Field("name", Category.CONFIGURATION, Subject.ORGANIZATION),
        Field("region", Category.CONFIGURATION),
        Field("time_zone", Category.CONFIGURATION),
        Field("country", Category.CONFIGURATION),
        Field("key", Category.KEY_MATERIAL, Subject.ORGANIZATION, Erase.DELETE, sealed=True),
    ),
)
NAME = Kind(
    "organization_name",
    (Field("organization", Category.IDENTIFIER, Subject.ORGANIZATION),),
)
"""In the region's directory, by the hash of a name's skeleton: whose name it is."""
