"""An audit event and the documents it is kept in.

Texts of events never carry personal data: the actor and the target are opaque ids, `facts` are
counts, states and codes (R73; security reference, T34).
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from portal.domain.shared.fields import Category, Erase, Field, Kind, Subject


class Action(StrEnum):
    """What can be audited, as feature.act."""

    ORGANIZATION_CREATED = "organization.created"
    ORGANIZATION_COPIED = "organization.copied"
    KEY_ROTATED = "key.rotated"
    KEYS_RETIRED = "keys.retired"
    IMPORT_ACCEPTED = "import.accepted"
    IMPORT_COMPLETED = "import.completed"
    IMPORT_FAILED = "import.failed"
    CONTACTS_VIEWED = "contacts.viewed"
    QUARANTINE_VIEWED = "quarantine.viewed"
    PAGES_REBUILT = "pages.rebuilt"
    ACCESS_REFUSED = "access.refused"
    ACCESS_REFUSED_AGAIN = "access.refused_again"
    ALERT_CREATED = "alert.created"
    ALERT_CHANGED = "alert.changed"
    ALERT_REMOVED = "alert.removed"
    ALERT_FIRED = "alert.fired"
    ALERT_SUBSCRIBED = "alert.subscribed"
    ALERT_UNSUBSCRIBED = "alert.unsubscribed"
    ALERT_SNOOZED = "alert.snoozed"
    BOT_INSTALLED = "bot.installed"
    BOT_REMOVED = "bot.removed"
    PLACE_TAKEN = "place.taken"
    PLACE_RELEASED = "place.released"
    ACCESS_GRANTED = "access.granted"
    ACCESS_CHANGED = "access.changed"
    ACCESS_REVOKED = "access.revoked"
    ACCESS_CONFIRMED = "access.confirmed"
    ACCESS_EXPORTED = "access.exported"
    AGENT_KEYS_SET = "access.agent_keys_set"
    ROLE_CREATED = "role.created"
    ROLE_CHANGED = "role.changed"
    ROLE_REMOVED = "role.removed"
    BREAK_GLASS_ASKED = "break_glass.asked"
    BREAK_GLASS_APPROVED = "break_glass.approved"
    BREAK_GLASS_REFUSED = "break_glass.refused"
    BREAK_GLASS_ENDED = "break_glass.ended"
    VIEW_SAVED = "view.saved"
    VIEW_CHANGED = "view.changed"
    VIEW_REMOVED = "view.removed"
    ORGANIZATION_CLAIMED = "organization.claimed"
    CLAIM_CODE_MADE = "organization.claim_code_made"
    SESSION_OPENED = "session.opened"
    SESSION_ENDED = "session.ended"
    SESSIONS_ENDED = "session.all_ended"
    INCIDENT_REPORTED = "incident.reported"
    INCIDENT_CHANGED = "incident.changed"
    INCIDENT_ESCALATED = "incident.escalated"
    INCIDENT_VIEWED = "incident.viewed"
    INCIDENT_REPORTER_FORGOTTEN = "incident.reporter_forgotten"
    INCIDENTS_EXPORTED = "incidents.exported"
    INCIDENT_TERMS_SET = "incident.terms_set"
    INCIDENT_FILE_KEPT = "incident.file_kept"
    INCIDENT_FILE_READ = "incident.file_read"
    INCIDENT_FILE_REMOVED = "incident.file_removed"
    INCIDENT_DRAFT_KEPT = "incident.draft_kept"
    INCIDENT_DRAFT_REMOVED = "incident.draft_removed"
    RECEIVER_CREATED = "incident.receiver_created"
    RECEIVER_CHANGED = "incident.receiver_changed"
    RECEIVER_SECRET_ROTATED = "incident.receiver_secret_rotated"
    RECEIVER_SECRET_ENDED = "incident.receiver_secret_ended"
    RECEIVER_REMOVED = "incident.receiver_removed"
    RECEIVER_TRIED = "incident.receiver_tried"
    RECEIVER_RESENT = "incident.receiver_resent"
    RECEIVER_REFUSED = "incident.receiver_refused"
    SETUP_SAVED = "setup.saved"
    ORGANIZATION_RENAMED = "organization.renamed"
    TIME_ZONE_CHANGED = "organization.time_zone_changed"
    TENANT_CODE_MADE = "tenant_code.made"
    TENANT_CODE_REVEALED = "tenant_code.revealed"
    TENANT_CODE_ROTATED = "tenant_code.rotated"
    MAIL_LINK_SENT = "verification.mail_link_sent"
    MAIL_PROVEN = "verification.mail_proven"
    PHONE_CODE_SENT = "verification.phone_code_sent"
    PHONE_PROVEN = "verification.phone_proven"
    VERIFICATION_FAILED = "verification.failed"
    VERIFICATION_LOCKED = "verification.locked"
    VERIFICATION_UNLOCKED = "verification.unlocked"
    VERIFICATION_LOST = "verification.lost"
    CODE_VOIDED = "verification.code_voided"
    PUMPING_SUSPECTED = "verification.pumping_suspected"
    AUTHENTICATOR_ENROLLED = "verification.authenticator_enrolled"
    AUTHENTICATOR_PROVEN = "verification.authenticator_proven"
    AUTHENTICATOR_REMOVED = "verification.authenticator_removed"
    ATTESTED = "verification.attested"
    CALL_HANDLING_CHANGED = "call_handling.changed"
    RECORDING_ACKNOWLEDGED = "call_handling.recording_acknowledged"
    ACKNOWLEDGEMENT_RETRACTED = "call_handling.acknowledgement_retracted"
    POLICY_ACCEPTED = "policy.accepted"
    POLICY_DECLINED = "policy.declined"
    NOTICE_PUBLISHED = "notice.published"
    NOTICE_TERMS_SET = "notice.terms_set"
    NOTICE_CONFIRMED = "notice.confirmed"
    PREFERENCES_CHANGED = "communications.preferences_changed"
    DISCLOSURE_ENTERED = "disclosure.entered"
    DISCLOSURES_EXPORTED = "disclosures.exported"
    PURPOSE_REFUSED = "contact_data.purpose_refused"
    STANDING_CHANGED = "standing.changed"
    STANDING_APPEALED = "standing.appealed"
    STANDING_APPEAL_DECIDED = "standing.appeal_decided"
    ERASURE_STOPPED = "standing.erasure_stopped"
    ERASURE_RESUMED = "standing.erasure_resumed"
    ERASURE_BEGUN = "standing.erasure_begun"
    ERASURE_STEP_DONE = "standing.erasure_step_done"
    ERASURE_COMPLETED = "standing.erasure_completed"
    ORGANIZATION_EXPORTED = "standing.exported"


Fact = str | int | bool


class Event(NamedTuple):
    """What happened, before it has its place in the chain."""

    action: Action
    actor: str
    target: str
    facts: Mapping[str, Fact] = {}


class Entry(NamedTuple):
    """An event in its place: the `sequence`-th of its organisation, hash over all of it and over
    the hash before it."""

    sequence: int
    at_ms: int
    action: str
    actor: str
    target: str
    facts: Mapping[str, Fact]
    previous: str
    hash: str


ENTRY = Kind(
    "audit_entry",
    (
        Field("sequence", Category.OPERATIONAL),
        Field("at_ms", Category.OPERATIONAL),
        Field("action", Category.OPERATIONAL),
        Field("actor", Category.IDENTIFIER, Subject.MEMBER, Erase.KEEP),
        Field("target", Category.IDENTIFIER),
        Field("facts", Category.OPERATIONAL),
        Field("previous", Category.OPERATIONAL),
        Field("hash", Category.OPERATIONAL),
    ),
)
HEAD = Kind(
    "audit_head",
    (Field("sequence", Category.OPERATIONAL), Field("hash", Category.OPERATIONAL)),
)
