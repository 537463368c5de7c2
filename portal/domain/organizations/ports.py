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
