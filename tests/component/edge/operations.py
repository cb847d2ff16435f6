"""Which operations of the services' OpenAPI documents are asked in which service, so that each is asked once."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

Document = Mapping[str, Any]
_REFERENCE = re.compile(rb'"#/components/(\w+)/([\w.-]+)"')


def dealt(documents: Mapping[str, Document]) -> dict[str, set[str]]:
    """Return the ids of operations by service: what several services document alike is asked in one of them.

    Alike is an operation whose path, method, text and all that it refers to are the same: the same code answers it. Such
    operations are dealt out in turn, so that each service gets some of them; what a service alone has is its own.
    """
    having: dict[tuple[str, bytes], list[str]] = {}
    for service, document in documents.items():
        for number, operation in _operations(document):
            having.setdefault((number, operation), []).append(service)
    shares: dict[str, set[str]] = {service: set() for service in documents}
    for (number, _), services in sorted(having.items(), key=lambda item: len(item[1])):
        fewest = min(services, key=lambda service: len(shares[service]))
        shares[fewest].add(number)
    return shares


def _operations(document: Document) -> Iterator[tuple[str, bytes]]:
    """Yield each operation's id and all that is written of it."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            text = orjson.dumps([path, method, operation], option=orjson.OPT_SORT_KEYS)
            yield operation["operationId"], b"".join(_with_references(document, text, set()))


def _with_references(document: Document, text: bytes, met: set[tuple[str, str]]) -> Iterator[bytes]:
    yield text
    for kind, name in _REFERENCE.findall(text):
        place = (kind.decode(), name.decode())
        if place not in met:
            met.add(place)
            part = document["components"][place[0]][place[1]]
            yield from _with_references(document, orjson.dumps(part, option=orjson.OPT_SORT_KEYS), met)
