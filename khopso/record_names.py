"""Numbers and names of records that a list names by their ids, from the services that keep the records."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from khopso.api import Poster
from khopso.console import Console
from khopso.failure import FailureError
from khopso.language import spoken

REGISTER_SERVICES = ("registry", "treatment", "incidents")
"""Services that keep registers."""
_AT_ONCE = 500
Names = Mapping[str, Mapping[str, Any]]
"""What a service says of a record, by its id."""


def name_listed(console: Console, api: Poster, records: Iterable[dict[str, Any]]) -> None:
    """Add ``number`` and ``name`` to the records that have an id, where the caller may know them.

    A list is shown without numbers rather than not at all: where a service does not answer, a note says so.
    """
    listed = [record for record in records if record.get("record")]
    found, answered = _asked(api, sorted({str(record["record"]) for record in listed}))
    for record in listed:
        known = found.get(str(record["record"]), {})
        record["number"], record["name"] = known.get("number"), known.get("name")
    if not answered:
        console.note(spoken("records.not_named"), "yellow")


def called(record: Mapping[str, Any]) -> str:
    """Return number and name of a record of a list, its id where neither is known."""
    known = [str(record[part]) for part in ("number", "name") if record.get(part)]
    return "  ".join(known) or str(record["record"] or "")


def _asked(api: Poster, ids: list[str]) -> tuple[Names, bool]:
    found: dict[str, Mapping[str, Any]] = {}
    answered = True
    for service, some in _calls(ids):
        try:
            answer = api.post(service, "/v1/records/named", {"records": some})
        except FailureError:
            answered = False
        else:
            found |= {one["record"]: one for one in answer["records"]}
    return found, answered


def _calls(ids: list[str]) -> Iterator[tuple[str, list[str]]]:
    for begin in range(0, len(ids), _AT_ONCE):
        yield from ((service, ids[begin : begin + _AT_ONCE]) for service in REGISTER_SERVICES)
