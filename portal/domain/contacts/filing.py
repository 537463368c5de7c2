"""Imports and rows kept back as documents, their file names and raw rows sealed."""

import base64
from typing import Any

from portal.domain.contacts.imports import (
    ENDED,
    IMPORT,
    MOST_RAW_BYTES,
    QUARANTINE,
    Import,
    Origin,
    Quarantined,
    Rejection,
    Report,
    State,
)
from portal.domain.contacts.model import RejectedRow
from portal.domain.contacts.ports import Tenant
from portal.domain.shared.documents import Document, Upsert, Write

INTERRUPTED = "The import was interrupted; what was read is in. Import the file again."


def upsert(tenant: Tenant, current: Import) -> Write:
    """Writes the import as it stands; only its runner does."""
    return Upsert(IMPORT, current.id, body(tenant, current))


def body(tenant: Tenant, current: Import) -> dict[str, Any]:
    """The import as a document's body."""
    fields = current._asdict()
    del fields["id"]
    report = current.report._asdict()
    report["rejections"] = [list(rejection) for rejection in current.report.rejections]
    return fields | {
        "file": _sealed(tenant, f"import|{current.id}|file", current.file.encode()),
        "report": report,
    }


def opened(tenant: Tenant, document: Document, now_ms: int) -> Import:
    """The import of a document. A command's that nobody runs any more is shown as failed."""
    fields = dict(document.body)
    report = dict(fields["report"])
    report["rejections"] = tuple(Rejection(*one) for one in report["rejections"])
    current = Import(
        **fields
        | {
            "id": document.id,
            "file": _plain(tenant, f"import|{document.id}|file", fields["file"]).decode(),
            "origin": Origin(fields["origin"]),
            "state": State(fields["state"]),
            "queue_extensions": tuple(fields["queue_extensions"]),
            "columns": tuple(fields["columns"]),
            "report": Report(**report),
        }
    )
    abandoned = (
        current.origin is Origin.COMMAND
        and current.state not in ENDED
        and current.lease_ms <= now_ms
    )
    return current._replace(state=State.FAILED, error=INTERRUPTED) if abandoned else current


def kept(tenant: Tenant, current: Import, row: RejectedRow, now_ms: int) -> Write:
    """The row for quarantine; the same bad row of the same source is kept once."""
    raw = row.raw[:MOST_RAW_BYTES]
    ref = tenant.keyring.blind(f"quarantine|{current.source}|{row.reason}", raw.hex())
    id = ref.hex()
    return Upsert(
        QUARANTINE,
        id,
        {
            "import": current.id,
            "file": _sealed(tenant, f"quarantine|{id}|file", current.file.encode()),
            "source": current.source,
            "line": row.line,
            "reason": row.reason,
            "at_ms": now_ms,
            "raw": _sealed(tenant, f"quarantine|{id}|raw", raw),
        },
    )


def _sealed(tenant: Tenant, context: str, plain: bytes) -> str:
    keyring = tenant.keyring
    return base64.b64encode(keyring.seal(keyring.own_key, context, plain)).decode()


def _plain(tenant: Tenant, context: str, sealed: str) -> bytes:
    keyring = tenant.keyring
    return keyring.open(keyring.own_key, context, base64.b64decode(sealed))


def quarantined(tenant: Tenant, document: Document) -> Quarantined:
    """The row of a document, opened."""
    id, fields = document.id, document.body
    return Quarantined(
        id=id,
        file=_plain(tenant, f"quarantine|{id}|file", fields["file"]).decode(),
        source=str(fields["source"]),
        line=int(fields["line"]),
        reason=str(fields["reason"]),
        at_ms=int(fields["at_ms"]),
        raw=_plain(tenant, f"quarantine|{id}|raw", fields["raw"]),
    )
