"""The fields of a contact record that are read; every other field is dropped unseen.

Source: the contact records data model in the Amazon Connect administrator guide.
"""

import msgspec


class QueueStay(msgspec.Struct, gc=False):
    """Where the contact waited. Duration is in whole seconds."""

    ARN: str | None = None
    Name: str | None = None
    EnqueueTimestamp: str | None = None
    DequeueTimestamp: str | None = None
    Duration: int | None = None


class AgentWork(msgspec.Struct, gc=False):
    """Who took the contact. Durations are in whole seconds."""

    ARN: str | None = None
    Username: str | None = None
    ConnectedToAgentTimestamp: str | None = None
    AgentInteractionDuration: int | None = None
    CustomerHoldDuration: int | None = None
    AfterContactWorkDuration: int | None = None


class Endpoint(msgspec.Struct, gc=False):
    """An address and its type (TELEPHONE_NUMBER, VOIP, EMAIL_ADDRESS, ...)."""

    Address: str | None = None
    Type: str | None = None


class Record(msgspec.Struct, gc=False):
    """One contact record. Timestamps are ISO 8601 in UTC."""

    ContactId: str
    Channel: str
    InitiationTimestamp: str
    LastUpdateTimestamp: str
    InitiationMethod: str = "INBOUND"
    DisconnectTimestamp: str | None = None
    NextContactId: str | None = None
    TransferCompletedTimestamp: str | None = None
    TransferredToEndpoint: Endpoint | None = None
    Queue: QueueStay | None = None
    Agent: AgentWork | None = None
    CustomerEndpoint: Endpoint | None = None
    Attributes: dict[str, str | None] | None = None
