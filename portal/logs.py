"""Structured logs: one JSON object a line on stderr, readable text on a developer's terminal.

A record carries its time, level, logger, correlation id, a fixed message and fields from an
allow-list (`Fields`). Arguments of messages are never merged in and exceptions are written as
their type and our own frames, without their words: neither can then carry personal data.
"""

import json
import logging
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO, TypedDict, Unpack

ROOT = Path(__file__).resolve().parent.parent
CORRELATION_ID: ContextVar[str | None] = ContextVar("correlation_id", default=None)
"""The id that ties a request's or a job's records together; set by whoever begins one."""


class Fields(TypedDict, total=False):
    """Everything a record may say besides its message; none of it personal."""

    code: str
    count: int
    duration_ms: float
    environment: str
    import_id: str
    method: str
    organization: str
    port: int
    region: str
    route: str
    rows: int
    setting: str
    signal: str
    source: str
    state: str
    status: int


ALLOWED: dict[str, type | tuple[type, ...]] = {
    name: (int, float) if kind is float else kind for name, kind in Fields.__annotations__.items()
}


def event(
    logger: logging.Logger,
    level: int,
    message: str,
    *,
    error: BaseException | None = None,
    **fields: Unpack[Fields],
) -> None:
    """Logs `message`, a constant, with `fields`, and `error` by its type and our own frames."""
    if logger.isEnabledFor(level):
        logger.log(level, message, exc_info=error, extra={"fields": fields}, stacklevel=2)


def configure(level: str, *, readable: bool | None = None, stream: TextIO | None = None) -> None:
    """Makes the root logger write here and nowhere else; `readable` defaults to "a terminal"."""
    target = stream or sys.stderr
    handler = logging.StreamHandler(target)
    as_text = target.isatty() if readable is None else readable
    handler.setFormatter(TextFormatter() if as_text else JsonFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in ("asyncio", "azure"):  # Azure's clients log every request with its address
        logging.getLogger(name).setLevel(logging.WARNING)


def describe(record: logging.LogRecord) -> dict[str, Any]:
    """What may be written of a record, in writing order."""
    said: dict[str, Any] = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname,
        "logger": record.name,
        "message": record.msg if isinstance(record.msg, str) else type(record.msg).__name__,
        "correlation_id": CORRELATION_ID.get(),
    }
    said |= {
        name: value
        for name, value in getattr(record, "fields", {}).items()
        if name in ALLOWED and isinstance(value, ALLOWED[name])
    }
    if record.exc_info and record.exc_info[1] is not None:
        said["errors"] = _chain(record.exc_info[1])
    return said


def _chain(error: BaseException | None) -> list[dict[str, Any]]:
    """The error and what caused it: type and our own frames of each, outermost first."""
    described: list[dict[str, Any]] = []
    while error is not None and len(described) < 5:
        frames = [
            f"{Path(frame.filename).relative_to(ROOT)}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(error.__traceback__)
            if _is_ours(frame.filename)
        ]
        kind = type(error)
        described.append({"type": f"{kind.__module__}.{kind.__qualname__}", "frames": frames})
        error = error.__cause__ or error.__context__
    return described


def _is_ours(filename: str) -> bool:
    path = Path(filename)
    return path.is_relative_to(ROOT) and not path.is_relative_to(ROOT / ".venv")


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """`describe` as JSON."""
        return json.dumps(describe(record), ensure_ascii=False)


class TextFormatter(logging.Formatter):
    """For eyes: time, level, message, `name=value` fields, then the frames of an error."""

    def format(self, record: logging.LogRecord) -> str:
        """`describe` as text, an error's frames below it."""
        said = describe(record)
        errors = said.pop("errors", [])
        begin = f"{said.pop('time')[11:23]} {said.pop('level'):7} {said.pop('message')}"
        said.pop("logger")
        fields = " ".join(f"{name}={value}" for name, value in said.items() if value is not None)
        lines = [f"{begin}  {fields}".rstrip()]
        for error in errors:
            lines += [f"    {error['type']}", *(f"      {frame}" for frame in error["frames"])]
        return "\n".join(lines)
