"""Which field of a 3CX row is which: the default order, a header, or the administrator's order."""

import re
from typing import NamedTuple

from portal.adapters.sources.framing.values import BadValueError
from portal.domain.shared.errors import UnusableFile

DEFAULT = (
    "historyid",
    "callid",
    "duration",
    "time-start",
    "time-answered",
    "time-end",
    "reason-terminated",
    "from-no",
    "to-no",
    "from-dn",
    "to-dn",
    "dial-no",
    "reason-changed",
    "final-number",
    "final-dn",
    "bill-code",
    "bill-rate",
    "bill-cost",
    "bill-name",
    "chain",
    "from-type",
    "to-type",
    "final-type",
    "from-dispname",
    "to-dispname",
    "final-dispname",
    "missed-queue-calls",
)
OLD_LENGTH = DEFAULT.index("chain") + 1
_REQUIRED = ("historyid", "time-start", "time-end")
_DESTINATIONS = ("to-dn", "to-no", "dial-no")
_UNSAFE = re.compile(r"[\s_]+")


class Call(NamedTuple):
    """The fields of a row that are read, as text; absent columns are empty."""

    historyid: str = ""
    duration: str = ""
    time_start: str = ""
    time_answered: str = ""
    time_end: str = ""
    from_no: str = ""
    to_no: str = ""
    from_dn: str = ""
    to_dn: str = ""
    dial_no: str = ""
    reason_changed: str = ""
    final_number: str = ""
    final_dn: str = ""
    from_type: str = ""
    to_type: str = ""
    final_type: str = ""
    from_dispname: str = ""
    to_dispname: str = ""
    final_dispname: str = ""


class Layout:
    """A fixed order of columns, by which rows become calls."""

    def __init__(self, columns: tuple[str, ...]) -> None:
        self._length = len(columns)
        self._chain = columns.index("chain") if "chain" in columns else -1
        self._has_old_form = columns == DEFAULT
        self._places = tuple(
            columns.index(name) if (name := field.replace("_", "-")) in columns else self._length
            for field in Call._fields
        )

    def call(self, fields: list[str]) -> Call:
        """The row as a call. Raises BadValueError for a row of another length."""
        fields = self._complete(fields)
        fields.append("")
        return Call(*[fields[place] for place in self._places])

    def _complete(self, fields: list[str]) -> list[str]:
        count = len(fields)
        if count == self._length:
            return fields
        if count == self._length + 1 and not fields[-1]:
            return fields[:-1]
        if self._has_old_form and self._is_old(fields):
            return fields[:OLD_LENGTH] + [""] * (self._length - OLD_LENGTH)
        raise BadValueError(f"the row has {count} fields instead of {self._length}")

    @staticmethod
    def _is_old(fields: list[str]) -> bool:
        """Old installations end a row with the chain."""
        trailing = len(fields) == OLD_LENGTH + 1 and not fields[-1]
        if len(fields) != OLD_LENGTH and not trailing:
            return False
        chain = fields[OLD_LENGTH - 1]
        return not chain or chain.casefold().startswith("chain")


def layout_of(columns: tuple[str, ...] | None) -> Layout:
    """The layout of an administrator's order, or of the default. Raises UnusableFile when the
    order lacks what every call needs."""
    if columns is None:
        return Layout(DEFAULT)
    names = tuple(_name(column) for column in columns)
    missing = [name for name in _REQUIRED if name not in names]
    if not any(name in names for name in _DESTINATIONS):
        missing.append("to-dn")
    if missing:
        raise UnusableFile(f"The 3CX columns lack {', '.join(missing)}.")
    if len(set(names)) != len(names):
        raise UnusableFile("The 3CX columns name one column twice.")
    return Layout(names)


def header_of(fields: list[str]) -> tuple[str, ...] | None:
    """The columns a header row names, or None when the row is no header."""
    names = tuple(_name(field) for field in fields if field)
    known = sum(name in DEFAULT for name in names)
    return names if known >= 3 and known * 2 > len(names) else None


def _name(text: str) -> str:
    return _UNSAFE.sub("-", text.strip().casefold())
