"""The operations of the register of disclosures, part of the one list in operations.py."""

from portal.domain.organizations.standing import Activity
from portal.web.openapi import Operation
from portal.web.schemas import disclosures as schemas

CHANGES = (403, 404, 409, 413, 422)
DISCLOSURE_OPERATIONS = (
    Operation(
        "GET",
        "/api/disclosures",
        "disclosures",
        "Who outside asked for data, and what was decided",
        activity=Activity.DISCLOSE,
        answer=schemas.DisclosureList,
    ),
    Operation(
        "POST",
        "/api/disclosures",
        "receive_disclosure",
        "Enter a request from outside",
        activity=Activity.DISCLOSE,
        body=schemas.NewDisclosure,
        answer=schemas.Disclosure,
        status=201,
        errors=CHANGES,
    ),
    Operation(
        "GET",
        "/api/disclosures/export.json",
        "export_disclosures",
        "The whole register for auditors, as JSON",
        activity=Activity.DISCLOSE,
        answer=schemas.DisclosureExport,
    ),
    Operation(
        "GET",
        "/api/disclosures/export.csv",
        "export_disclosures_csv",
        "The whole register for auditors, as CSV",
        activity=Activity.DISCLOSE,
        content="text/csv",
    ),
    Operation(
        "GET",
        "/api/disclosures/{id}",
        "disclosure",
        "One case with its entries",
        activity=Activity.DISCLOSE,
        answer=schemas.Disclosure,
    ),
    Operation(
        "POST",
        "/api/disclosures/{id}/entries",
        "enter_disclosure",
        "Add an entry to a case; none is ever changed",
        activity=Activity.DISCLOSE,
        body=schemas.NewDisclosureEntry,
        answer=schemas.Disclosure,
        errors=CHANGES,
    ),
)
