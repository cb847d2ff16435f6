"""What the OpenAPI documents say besides shapes: texts of the catalogue, in both languages side by side."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from texts import Message, message


def query_parameters(group: str, names: Iterable[str], **values: object) -> list[dict[str, Any]]:
    """Return query parameters that a route reads by itself, as OpenAPI describes them.

    Their texts are ``api.parameter.<group>.<name>``; ``values`` fill in what those have placeholders for.
    """
    return [_parameter(name, message(f"api.parameter.{group}.{name}", **values)) for name in names]


def _parameter(name: str, text: Message) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": str(text),
        "schema": {"type": "string"},
    }


def add_summaries(document: dict[str, Any]) -> None:
    """Give each operation of an OpenAPI document its summary: the text ``api.<operation id>``.

    One without a text keeps the name of its function; the contract tests want a text for every operation of a service.
    """
    for methods in document["paths"].values():
        for operation in methods.values():
            with suppress(KeyError):
                operation["summary"] = str(message(f"api.{operation['operationId']}"))
