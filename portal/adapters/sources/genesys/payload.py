"""The fields of a conversation detail that are read; every other field is dropped unseen.

Source: AnalyticsConversation, AnalyticsParticipant, AnalyticsSession, AnalyticsConversationSegment
and AnalyticsSessionMetric of the Genesys Cloud platform API. The API's names are camelCase.
"""

import msgspec


class Metric(msgspec.Struct, rename="camel", gc=False):
    """A measurement; t-metrics are in milliseconds."""

    name: str
    value: float | None = None
    emit_date: str | None = None


class Segment(msgspec.Struct, rename="camel", gc=False):
    """What a session did for a while; without `segmentEnd` it still does."""

    segment_start: str
    segment_type: str = "unknown"
    segment_end: str | None = None
    queue_id: str | None = None
    disconnect_type: str | None = None


class Session(msgspec.Struct, rename="camel", gc=False):
    """A participant's part in one medium."""

    media_type: str | None = None
    direction: str | None = None
    ani: str | None = None
    dnis: str | None = None
    address_from: str | None = None
    address_other: str | None = None
    segments: list[Segment] = []
    metrics: list[Metric] = []


class Participant(msgspec.Struct, rename="camel", gc=False):
    """A person or a machine in the conversation, told apart by `purpose`."""

    purpose: str = "unknown"
    participant_name: str | None = None
    user_id: str | None = None
    external_contact_id: str | None = None
    sessions: list[Session] = []


class Conversation(msgspec.Struct, rename="camel", gc=False):
    """One conversation; without `conversationEnd` it goes on, or its wrap-up does."""

    conversation_id: str
    conversation_start: str
    conversation_end: str | None = None
    originating_direction: str | None = None
    participants: list[Participant] = []
