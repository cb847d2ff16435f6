"""Looking at records: never raising, always with a reason."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.kafka.delivery import MARKER_TYPE, Delivered, Undelivered, receive, wrong_type

_KNOWN = {"a.thing.done.v1", "a.thing.done.v2", "a.thing.undone.v1"}

_headers = st.lists(st.tuples(st.text(max_size=5), st.none() | st.binary(max_size=5)), max_size=3)


@given(
    st.none() | st.binary(max_size=20),
    st.none()
    | st.binary(max_size=60)
    | st.dictionaries(st.text(max_size=5), st.text(max_size=5)).map(orjson.dumps),
    _headers,
    st.integers(-(2**63), 2**63 - 1),
)
def test_no_record_makes_it_raise(
    key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes | None]], timestamp: int
) -> None:
    found = receive("t", 0, 1, key, value, headers, timestamp, _KNOWN)
    assert isinstance(found, Delivered | Undelivered)
    if isinstance(found, Undelivered):
        assert found.reason
        assert (found.key, found.value, found.raw_headers) == (key, value, tuple(headers))


def test_a_good_record_has_its_document_and_headers() -> None:
    value = orjson.dumps({"id": "7", "type": "a.thing.done.v1"})
    found = receive(
        "t", 2, 9, b"k", value, [("content-type", b"application/json")], 1_700_000_000_123, _KNOWN
    )
    assert isinstance(found, Delivered)
    assert (found.id, found.type, found.headers) == (
        "7",
        "a.thing.done.v1",
        {"content-type": "application/json"},
    )
    assert found.timestamp.timestamp() == pytest.approx(1_700_000_000.123)


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        ("a.thing.done.v1", None),
        ("a.thing.done.v3", "future-version"),
        ("a.thing.gone.v1", "unknown-type"),
        ("a.thing.done", "unknown-type"),
        (None, "no-type"),
        (7, "no-type"),
        (MARKER_TYPE, None),
    ],
)
def test_types_outside_the_known_ones(found: object, reason: str | None) -> None:
    assert wrong_type(found, _KNOWN) == reason
