"""Recognises whose file a piece of text is, to name the vendor when the wrong one is sent."""

import re

_MARKS = (
    ("an Amazon Connect contact record", re.compile(rb'"AWSContactTraceRecordFormatVersion"')),
    ("an Amazon Connect agent event", re.compile(rb'"CurrentAgentSnapshot"')),
    ("an Amazon Connect contact record", re.compile(rb'"ContactId"')),
    ("a Genesys Cloud conversation", re.compile(rb'"conversationId"')),
    ("a Genesys Cloud conversation", re.compile(rb'"conversationStart"')),
    ("a Microsoft Teams call record", re.compile(rb'"modalities"|"organizer_v2"|callRecord')),
    ("a Microsoft Teams queue report", re.compile(rb'"dataResult"|CallQueueIdentity')),
    (
        "a 3CX call record",
        re.compile(
            rb"(?m)^(?:\xef\xbb\xbf)?\"?Call \d+\"?,|Chain: |"
            rb"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d,|TerminatedBy|^historyid,"
        ),
    ),
)


def vendor_of(text: bytes) -> str | None:
    """What the text looks like ("a Genesys Cloud conversation"), or None when it tells nothing.

    Looks at the first 64 KiB.
    """
    sample = text[: 1 << 16]
    for label, mark in _MARKS:
        if mark.search(sample):
            return label
    return None
