"""What operators see of a dead letter holds no value that a stranger may have put there."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.http.masking import masked_headers, masked_key, masked_value

NAME = "Nguyễn Văn Kín"
PLACES = (
    "specversion",
    "type",
    "time",
    "id",
    "source",
    "subject",
    "sequence",
    "datacontenttype",
    "dataschema",
    "traceparent",
    "unit",
    "data",
    NAME,
)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("value", [NAME, "030090001234", "nguyen van kin", "NGUYEN-VAN-KIN", {NAME: NAME}])
def test_no_attribute_shows_a_name_or_a_number(place: str, value: object) -> None:
    shown = orjson.dumps(masked_value(orjson.dumps({place: value}))).decode()
    assert NAME not in shown
    assert "kin" not in shown.casefold()
    assert "030090001234" not in shown


def test_attributes_that_look_like_one_are_shown() -> None:
    event = {
        "specversion": "1.0",
        "type": "treatment.detox.entered.v1",
        "id": "018f6f1e-0000-7000-8000-000000000001",
        "time": "2026-11-29T08:00:00+07:00",
        "data": {"a": 1},
    }
    shown = masked_value(orjson.dumps(event))
    assert shown == event | {"": shown[""], "data": "… (7)"}


@given(st.text(min_size=1))
def test_headers_and_keys_show_only_what_has_a_form_of_its_own(words: str) -> None:
    own = words + NAME
    for name in ("khopso-dlq-error", "traceparent", "content-type", own):
        assert NAME not in str(masked_headers([(name, own.encode(errors="replace"))]))
    assert NAME not in str(masked_key(own.encode(errors="replace")))


def test_a_units_code_and_what_is_no_json_are_told() -> None:
    assert masked_key(b"police:288") == "police:288"
    assert masked_key(b"\xff") == "… (1)"
    assert masked_value(b"{") == {"": "… (1)"}
    assert masked_value(None) == {}
    assert masked_headers([("content-type", b"application/json"), ("h", None)]) == [
        ("content-type", "application/json"),
        ("… (1)", None),
    ]
