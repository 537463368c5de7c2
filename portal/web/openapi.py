"""The OpenAPI 3.1 description, built from the operations that the routes are built from."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, NamedTuple

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from portal.domain.organizations.standing import Activity
from portal.web.schemas import base as schemas


class Operation(NamedTuple):
    """One method of one path: what it takes and what it answers.

    `query` and `body` are request models; `answer` is the model of a 2xx. `content` is the media
    type of the answer, `body_content` that of a body which is not JSON. `also` is a second success:
    202 answers the same model, 304 nothing. `errors` are the problem statuses besides 401 and 500.
    `public` needs no token, `stranger` a token but no organisation; what is `scraped` opens to the
    token of the metrics' reader as well as to a person's. `unheld` changes something also for who
    has a policy to accept. `activity` is the class of what it does, by which an organisation's
    standing lets it happen; unless told, a GET looks and everything else changes.
    """

    method: str
    path: str
    name: str
    summary: str
    answer: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    status: int = 200
    also: int | None = None
    content: str = "application/json"
    body_content: str | None = None
    errors: tuple[int, ...] = (403, 404, 422)
    public: bool = False
    scraped: bool = False
    stranger: bool = False
    unheld: bool = False
    activity: Activity | None = None

    @property
    def does(self) -> Activity:
        """The class of what it does."""
        return self.activity or (Activity.LOOK if self.method == "GET" else Activity.CHANGE)


REFERENCE = "#/components/schemas/{model}"


def describe(operations: Sequence[Operation], *, version: str) -> dict[str, Any]:
    """The whole document, ready for JSON."""
    names, components = _components(operations)
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        described = _operation(operation, names, components)
        paths.setdefault(operation.path, {})[operation.method.lower()] = described
    for model in {o.query for o in operations if o.query}:
        components.pop(names[model], None)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Switchroom", "version": version},
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def _components(
    operations: Sequence[Operation],
) -> tuple[dict[type[BaseModel], str], dict[str, Any]]:
    """The name of every model and, by name, its JSON schema."""
    models: set[type[BaseModel]] = {schemas.Problem}
    for operation in operations:
        models.update(m for m in (operation.answer, operation.query, operation.body) if m)
    ordered = sorted(models, key=lambda model: model.__name__)
    modes: list[tuple[type[BaseModel], JsonSchemaMode]] = [
        (model, "serialization" if issubclass(model, schemas.Answer) else "validation")
        for model in ordered
    ]
    mapping, definitions = models_json_schema(modes, ref_template=REFERENCE)
    names = {model: mapping[model, mode]["$ref"].rsplit("/", 1)[1] for model, mode in modes}
    return names, definitions.get("$defs", {})


def _operation(
    operation: Operation, names: dict[type[BaseModel], str], components: dict[str, Any]
) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "tags": [operation.path.split("/")[2] if operation.path.count("/") > 1 else "service"],
        "parameters": _path_parameters(operation.path)
        + _query_parameters(operation, names, components),
        "security": [] if operation.public else [{"bearer": []}],
        "responses": _responses(operation, names),
    }
    if operation.body:
        schema = {"$ref": REFERENCE.format(model=names[operation.body])}
        described["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schema}},
        }
    elif operation.body_content:
        described["requestBody"] = {
            "required": True,
            "content": {operation.body_content: {"schema": {"type": "string", "format": "binary"}}},
        }
    return described


def _path_parameters(path: str) -> list[dict[str, Any]]:
    return [
        {"name": part[1:-1], "in": "path", "required": True, "schema": {"type": "string"}}
        for part in path.split("/")
        if part.startswith("{")
    ]


def _query_parameters(
    operation: Operation, names: dict[type[BaseModel], str], components: dict[str, Any]
) -> list[dict[str, Any]]:
    if operation.query is None:
        return []
    schema = components[names[operation.query]]
    required = set(schema.get("required", ()))
    return [
        {"name": name, "in": "query", "required": name in required, "schema": shape}
        for name, shape in schema["properties"].items()
    ]


def _responses(operation: Operation, names: dict[type[BaseModel], str]) -> dict[str, Any]:
    success: dict[str, Any] = {"description": operation.summary}
    if operation.answer:
        schema = {"$ref": REFERENCE.format(model=names[operation.answer])}
        success["content"] = {operation.content: {"schema": schema}}
    elif operation.content != "application/json":
        success["content"] = {operation.content: {"schema": {"type": "string"}}}
    problem = {
        "description": "Problem details",
        "content": {
            "application/problem+json": {"schema": {"$ref": REFERENCE.format(model="Problem")}}
        },
    }
    statuses = set(operation.errors) | {500} | (set() if operation.public else {401})
    described = {str(operation.status): success}
    if operation.also is not None:
        phrase = HTTPStatus(operation.also).phrase
        described[str(operation.also)] = (
            {"description": phrase} if operation.also == 304 else success | {"description": phrase}
        )
    return described | {str(status): problem for status in sorted(statuses)}
