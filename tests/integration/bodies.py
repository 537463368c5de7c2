"""The least body that an operation takes, made from its own description."""

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel, ValidationError

TEXTS = {
    "date-time": "2026-10-25T12:00:00Z",
    "date": "2026-10-25",
    "email": "sam@example.com",
    "uuid": "0a1b2c3d-0000-4000-8000-000000000001",
}
LONG = "because of a test of it"
TRIED = (
    LONG,
    "q1",
    "+447700900123",
    "123456",
    "12:30",
    "Europe/London",
    "A" * 24,
    "1" * 32,
    "0" * 64,
)
"""Tried for texts of a form that the description has as a pattern."""


def least(model: type[BaseModel]) -> Any:
    """A body that the model takes; None when none was found."""
    schema = model.model_json_schema(by_alias=True)
    for text in TRIED:
        body = _made(schema, schema.get("$defs", {}), text)
        try:
            model.model_validate(body)
        except ValidationError:
            continue
        return body
    return None


def _made(schema: dict[str, Any], known: dict[str, Any], text: str) -> Any:
    if "$ref" in schema:
        return _made(known[schema["$ref"].rsplit("/", 1)[1]], known, text)
    several = [schema[one][0] for one in ("anyOf", "oneOf", "allOf") if one in schema]
    if several:
        return _made(several[0], known, text)
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    wanted = TEXTS.get(schema.get("format", ""), text)
    made: dict[str, Callable[[], Any]] = {
        "object": lambda: {
            name: _made(schema["properties"][name], known, text)
            for name in schema.get("required", ())
        },
        "array": lambda: [_made(schema["items"], known, text)] * schema.get("minItems", 0),
        "integer": lambda: schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1),
        "number": lambda: schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1),
        "boolean": lambda: True,
        "string": lambda: wanted[: schema.get("maxLength", len(wanted))],
    }
    return made.get(schema.get("type", ""), lambda: None)()
