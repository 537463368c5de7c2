"""Holds answers to the product's own OpenAPI description: paths, statuses, media types, shapes."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

OFFSET = re.compile(r"(?:Z|[+-]\d\d:\d\d)$")
KINDS: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


class Contract:
    """What the description promises."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self._schemas = document["components"]["schemas"]
        self._paths = [
            (re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path)), path) for path in document["paths"]
        ]
        self.met: set[tuple[str, str, int]] = set()

    def operation(self, method: str, path: str) -> Mapping[str, Any] | None:
        """The described operation, or None."""
        for pattern, template in self._paths:
            if pattern.fullmatch(path):
                found: Mapping[str, Any] | None = self.document["paths"][template].get(
                    method.lower()
                )
                return found
        return None

    def check(self, method: str, path: str, status: int, media: str, body: bytes) -> None:
        """Asserts that the answer is one the description knows."""
        if status == 400 and media == "text/plain":
            return  # refused by the HTTP parser, before there was a request
        operation = self.operation(method, path)
        if operation is None:
            if path.startswith(("/api", "/dev")):
                assert status in {200, 401, 404, 405, 422}, (method, path, status)
                if status != 200:
                    self.matches({"$ref": "#/components/schemas/Problem"}, json.loads(body))
            return
        described = operation["responses"].get(str(status))
        assert described is not None, f"{method} {path} answered {status}, which is not described"
        self.met.add((method, operation["operationId"], status))
        content = described.get("content")
        if content is None:
            assert status == 304 or media.startswith("application/json"), (path, media)
            return
        assert media in content, f"{method} {path} answered {media}, described is {set(content)}"
        if media.endswith("json"):
            self.matches(content[media]["schema"], json.loads(body))

    def matches(self, schema: Mapping[str, Any], value: Any, at: str = "$") -> None:
        """Asserts that the value has the schema's shape."""
        if "$ref" in schema:
            self.matches(self._schemas[schema["$ref"].rsplit("/", 1)[1]], value, at)
        if "anyOf" in schema:
            self._any(schema["anyOf"], value, at)
        if "enum" in schema:
            assert value in schema["enum"], f"{at}: {value!r}"
        if "const" in schema:
            assert value == schema["const"], f"{at}: {value!r}"
        if "type" in schema:
            allowed = KINDS[schema["type"]]
            right = isinstance(value, allowed) and (
                schema["type"] == "boolean" or not isinstance(value, bool)
            )
            assert right, f"{at}: {value!r} is no {schema['type']}"
        if isinstance(value, dict):
            self._object(schema, value, at)
        elif isinstance(value, list):
            for index, item in enumerate(value):
                self.matches(schema.get("items", {}), item, f"{at}[{index}]")
        elif schema.get("format") == "date-time":
            datetime.fromisoformat(value)
            assert OFFSET.search(value), f"{at}: {value!r} has no offset"

    def _any(self, choices: list[Mapping[str, Any]], value: Any, at: str) -> None:
        reasons = []
        for one in choices:
            try:
                self.matches(one, value, at)
            except AssertionError as wrong:
                reasons.append(str(wrong))
            else:
                return
        raise AssertionError(f"{at}: none of {reasons}")

    def _object(self, schema: Mapping[str, Any], value: Mapping[str, Any], at: str) -> None:
        known = schema.get("properties", {})
        for name in schema.get("required", ()):
            assert name in value, f"{at}.{name} is missing"
        extra = schema.get("additionalProperties", True)
        for name, item in value.items():
            if name in known:
                self.matches(known[name], item, f"{at}.{name}")
            else:
                assert extra is not False, f"{at}.{name} is not described"
                self.matches(extra if isinstance(extra, dict) else {}, item, f"{at}.{name}")
