"""The operations of systems that hear of incidents, a part of the one list in operations.py."""

from portal.web.openapi import Operation
from portal.web.schemas.receivers import (
    ForwardQuery,
    IncidentForwards,
    IncidentReceiver,
    IncidentReceivers,
    ReceiverBody,
    ReceiverVersion,
    SentAgain,
)

ALL = "/api/incidents/receivers"
ONE = f"{ALL}/{{id}}"
CHANGES = (403, 404, 409, 413, 422)

RECEIVER_OPERATIONS = (
    Operation(
        "GET",
        ALL,
        "incident_receivers",
        "Systems that are told of incidents",
        answer=IncidentReceivers,
    ),
    Operation(
        "POST",
        ALL,
        "add_incident_receiver",
        "Have another system told; its secret is answered this once",
        body=ReceiverBody,
        answer=IncidentReceiver,
        status=201,
        errors=CHANGES,
    ),
    Operation(
        "PUT",
        ONE,
        "change_incident_receiver",
        "Tell a system otherwise, or not",
        query=ReceiverVersion,
        body=ReceiverBody,
        answer=IncidentReceiver,
        errors=CHANGES,
    ),
    Operation(
        "DELETE",
        ONE,
        "remove_incident_receiver",
        "Tell a system nothing more: those that are left",
        query=ReceiverVersion,
        answer=IncidentReceivers,
        errors=CHANGES,
    ),
    Operation(
        "POST",
        f"{ONE}/secret",
        "rotate_incident_receiver",
        "A new secret, answered this once; the one before signs as well for a week",
        query=ReceiverVersion,
        answer=IncidentReceiver,
        errors=CHANGES,
    ),
    Operation(
        "DELETE",
        f"{ONE}/secret/former",
        "end_incident_receiver_secret",
        "End the secret before at once",
        query=ReceiverVersion,
        answer=IncidentReceiver,
        errors=CHANGES,
    ),
    Operation(
        "POST",
        f"{ONE}/trial",
        "try_incident_receiver",
        "Send a trial: the log as it stands",
        answer=IncidentForwards,
        errors=CHANGES,
    ),
    Operation(
        "GET",
        f"{ONE}/forwards",
        "incident_forwards",
        "What went to a system, waits or was given up",
        query=ForwardQuery,
        answer=IncidentForwards,
    ),
    Operation(
        "POST",
        f"{ONE}/forwards/again",
        "send_incident_forwards_again",
        "Send what was given up again",
        answer=SentAgain,
        errors=CHANGES,
    ),
)
