"""Microsoft Teams: call-queue reports and call records."""

from portal.adapters.sources.teams.parse import Teams

SOURCE = Teams()

__all__ = ["SOURCE"]
