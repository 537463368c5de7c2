"""The fields of a contact record that are read; every other field is dropped unseen.

They stand in the order of the alphabet, in which records give them: so each is found at once.

Source: the contact records data model in the Amazon Connect administrator guide.
"""

import msgspec


class QueueStay(msgspec.Struct, gc=False):
    """Where the contact waited. Duration is in whole seconds."""

    ARN: str | None = None
    DequeueTimestamp: str | None = None
    Duration: int | None = None
    EnqueueTimestamp: str | None = None
    Name: str | None = None


class AgentWork(msgspec.Struct, gc=False):
    """Who took the contact. Durations are in whole seconds."""

    ARN: str | None = None
    AfterContactWorkDuration: int | None = None
    AgentInteractionDuration: int | None = None
    ConnectedToAgentTimestamp: str | None = None
    CustomerHoldDuration: int | None = None
    Username: str | None = None


class Endpoint(msgspec.Struct, gc=False):
    """An address and its type (TELEPHONE_NUMBER, VOIP, EMAIL_ADDRESS, ...)."""

    Address: str | None = None
    Type: str | None = None


class Record(msgspec.Struct, gc=False, kw_only=True):
    """One contact record. Timestamps are ISO 8601 in UTC."""

    ContactId: str  # first, since it is what a stranger's record is told to lack
    Agent: AgentWork | None = None
    Attributes: dict[str, str | None] | None = None
    Channel: str
    CustomerEndpoint: Endpoint | None = None
    DisconnectTimestamp: str | None = None
    InitiationMethod: str = "INBOUND"
    InitiationTimestamp: str
    LastUpdateTimestamp: str
    NextContactId: str | None = None
    Queue: QueueStay | None = None
    TransferCompletedTimestamp: str | None = None
    TransferredToEndpoint: Endpoint | None = None
