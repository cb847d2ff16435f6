"""``/docs``: an application's OpenAPI document as a page of this service, with nothing fetched from elsewhere."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse

from services.chassis.web.assets import add_assets
from services.chassis.web.models import Cell, Column, Page, Table
from services.chassis.web.rendering import HEADERS, language_of, rendered
from texts import Language, message

Schema = Mapping[str, Any]
_SEVERAL = ("anyOf", "oneOf", "allOf")
_METHODS = ("get", "post", "put", "patch", "delete")
_BOTH = " / "
"""Between the two languages of a text in OpenAPI documents, which know one text alone."""


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One method of one path: what it is for, what it takes and what it answers."""

    name: str
    method: str
    path: str
    summary: str
    description: str
    parameters: Table | None
    body: Table | None
    media_types: str
    answers: Table


@dataclass(frozen=True, kw_only=True)
class InterfacePage(Page):
    """The whole document: operations in the order of their paths, then the shapes that they name."""

    template: ClassVar[str] = "interface.html"
    operations: tuple[Operation, ...]
    shapes: tuple[tuple[str, str, Table], ...]


def add_interface_page(app: FastAPI, document: Callable[[], dict[str, Any]]) -> None:
    """Add ``/docs``, which shows the document, and the files that the page needs: open, as the document itself is."""
    add_assets(app)
    # The document stays as it is while the process runs, and anybody may ask: drawing it takes a fifth of a second.
    drawn: dict[Language, str] = {}

    @app.get("/docs", include_in_schema=False, operation_id="show_interface")
    async def interface(request: Request) -> Response:
        language = language_of(request)
        if language not in drawn:
            drawn[language] = rendered(request, interface_page(document(), language))
        return HTMLResponse(drawn[language], headers=dict(HEADERS))


def interface_page(document: Schema, language: Language) -> InterfacePage:
    """Return the page of an OpenAPI document in one language. Pure."""
    shapes = document.get("components", {}).get("schemas", {})
    return InterfacePage(
        title=document["info"]["title"],
        wide=True,
        operations=tuple(
            _operation(path, method, methods[method], language)
            for path, methods in sorted(document["paths"].items())
            for method in _METHODS
            if method in methods
        ),
        shapes=tuple(
            (name, _in(language, shape.get("description", "")), _members(name, shape, language))
            for name, shape in sorted(shapes.items())
        ),
    )


def kind_of(schema: Schema) -> str:
    """Return what values a schema takes, in JSON's own words.

    >>> kind_of({"anyOf": [{"type": "array", "items": {"$ref": "#/components/schemas/Row"}}, {"type": "null"}]})
    'array of Row | null'
    >>> kind_of({"type": "string", "format": "date"})
    'string (date)'
    """
    if "$ref" in schema:
        return cast(str, schema["$ref"]).rpartition("/")[2]
    for several in _SEVERAL:
        if several in schema:
            return " | ".join(kind_of(each) for each in schema[several])
    if "const" in schema or "enum" in schema:
        return " | ".join(map(repr, schema.get("enum", [schema.get("const")])))
    if schema.get("type") == "array":
        return f"array of {kind_of(schema.get('items', {}))}"
    types = schema.get("type", "any")
    kind = types if isinstance(types, str) else " | ".join(types)
    return f"{kind} ({schema['format']})" if "format" in schema else kind


def _operation(path: str, method: str, given: Schema, language: Language) -> Operation:
    content = given.get("requestBody", {}).get("content", {})
    body = next((each["schema"] for each in content.values() if "schema" in each), None)
    return Operation(
        name=given["operationId"],
        method=method.upper(),
        path=path,
        summary=_in(language, given.get("summary", "")),
        description=_in(language, given.get("description", "")),
        parameters=_parameters(given.get("parameters", ()), language),
        body=None if body is None else _members(given["operationId"], body, language),
        media_types=", ".join(content),
        answers=_answers(given["responses"], language),
    )


def _parameters(given: Any, language: Language) -> Table | None:
    if not given:
        return None
    return Table(
        caption=message("page.interface.parameters"),
        columns=_columns("name", "where", "kind", "required", "meaning"),
        rows=tuple(
            (
                Cell(text=each["name"]),
                Cell(text=message(f"page.interface.in.{each['in']}")),
                _kind(each.get("schema", {})),
                _required(each.get("required", False)),
                Cell(text=_in(language, each.get("description", ""))),
            )
            for each in given
        ),
    )


def _members(name: str, schema: Schema, language: Language) -> Table:
    """Return the members of an object, or the one line of any other schema."""
    wanted = set(schema.get("required", ()))
    members = schema.get("properties", {}) or {"": schema}
    return Table(
        caption=message("page.interface.members", name=name),
        columns=_columns("name", "kind", "required", "meaning"),
        rows=tuple(
            (
                Cell(text=member),
                _kind(each),
                _required(member in wanted),
                Cell(text=_in(language, each.get("description", ""))),
            )
            for member, each in members.items()
        ),
    )


def _answers(given: Mapping[str, Schema], language: Language) -> Table:
    return Table(
        caption=message("page.interface.answers"),
        columns=_columns("status", "kind", "meaning"),
        rows=tuple(
            (Cell(text=status), _answered(each), Cell(text=_in(language, each.get("description", ""))))
            for status, each in given.items()
        ),
    )


def _answered(given: Schema) -> Cell:
    content: Mapping[str, Schema] = given.get("content", {})
    schemas = [each["schema"] for each in content.values() if each.get("schema")]
    return _kind(schemas[0]) if schemas else Cell(text=", ".join(content))


def _kind(schema: Schema) -> Cell:
    """Return what a schema takes, with the way to the first shape that it names."""
    named = next(_names(schema), "")
    return Cell(text=kind_of(schema), href=f"#shape-{named}" if named else "")


def _names(schema: Schema) -> Iterator[str]:
    if "$ref" in schema:
        yield cast(str, schema["$ref"]).rpartition("/")[2]
    for several in _SEVERAL:
        for each in schema.get(several, ()):
            yield from _names(each)
    if isinstance(items := schema.get("items"), Mapping):
        yield from _names(items)


def _required(given: bool) -> Cell:
    return Cell(text=message("page.interface.required") if given else "")


def _columns(*names: str) -> tuple[Column, ...]:
    return tuple(Column(text=message(f"page.interface.column.{name}")) for name in names)


def _in(language: Language, text: str) -> str:
    """Return the half of a text in both languages that is in this one; any other text as it is."""
    halves = text.split(_BOTH)
    half = len(halves) // 2
    if len(halves) % 2:
        return text
    return _BOTH.join(halves[:half] if language == "vi" else halves[half:])
