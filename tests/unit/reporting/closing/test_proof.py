"""The proof of a closing: its canonical form, its hash, its place in the chain, its signature."""

import copy
import json
from collections.abc import Callable
from datetime import date
from enum import IntEnum
from typing import Any
from uuid import UUID

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from proof import (
    DAMAGES,
    Finding,
    NotCanonicalError,
    canonical,
    chain_of,
    check_chain,
    check_closing,
    check_membership,
    check_publication,
    check_reference,
    entry_of,
    link_of,
    public_key,
    read_json,
    reference,
    seal,
)
from tests.support.closings import KEY, OTHER_KEY, content, office, public_pem, rules
from texts import message

PUBLIC = public_key(public_pem())
_WHOLE = st.integers(-(2**53) + 1, 2**53 - 1)
# Control characters are escaped; from U+E000 up the two orders of names differ.
_TEXT = st.text(
    st.characters(exclude_categories=["Cs"])
    | st.sampled_from('\x00\x1f\x7f\\"/\u2028\ue000\uffff\U00010000Ễ'),
    max_size=20,
)
_JSON = st.recursive(
    st.none() | st.booleans() | _WHOLE | _TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXT, inner, max_size=4),
    max_leaves=12,
)

Chain = dict[str, Any]
Damage = Callable[[Chain], None]


@given(_JSON)
def test_the_canonical_form_is_rfc_8785_and_survives_reading(value: Any) -> None:
    data = canonical(value)
    assert data == rfc8785.dumps(value)
    assert read_json(data) == value
    assert canonical(read_json(data)) == data


@given(_JSON)
def test_a_tuple_is_written_as_a_list(value: Any) -> None:
    assert canonical({"value": (value, value)}) == canonical({"value": [value, value]})


class _Whole(IntEnum):
    """A number of another type than reading JSON makes."""

    ONE = 1


@pytest.mark.parametrize("value", [UUID(int=1), date(2026, 1, 1), {1: "x"}, {1, 2}, "\ud800", {"\ud800": 1}])
def test_what_is_no_json_has_no_canonical_form(value: Any) -> None:
    with pytest.raises(NotCanonicalError):
        canonical({"value": [value]})


def test_names_from_the_end_of_unicode_are_sorted_as_rfc_8785_says() -> None:
    assert canonical({"\ufb33": 1, "\U0001f600": 2}) == '{"\U0001f600":2,"\ufb33":1}'.encode()


def test_a_number_of_a_type_of_its_own_is_written_as_a_number() -> None:
    assert canonical({"value": (_Whole.ONE, True)}) == b'{"value":[1,true]}'


def test_what_is_nested_too_deep_has_no_canonical_form() -> None:
    value: Any = 1
    for _ in range(100_000):
        value = [value]
    with pytest.raises(NotCanonicalError):
        canonical(value)


@given(st.dictionaries(st.text("abcdefghij_", min_size=1), _WHOLE, max_size=8))
def test_members_are_sorted_and_nothing_is_added(value: dict[str, int]) -> None:
    inner = ",".join(f'"{name}":{value[name]}' for name in sorted(value))
    assert canonical(value) == b"{" + inner.encode() + b"}"


@pytest.mark.parametrize(
    "value", [0.1, 1.0, float("nan"), {"value": 2.5}, [1, [0.5]], 2**53, -(2**53), {"value": (1, 2.5)}, b"x"]
)
def test_a_number_that_readers_would_round_has_no_canonical_form(value: Any) -> None:
    with pytest.raises(NotCanonicalError):
        canonical(value)


def test_a_member_that_is_named_twice_is_no_document() -> None:
    with pytest.raises(ValueError, match="twice"):
        read_json(b'{"value":1,"value":2}')


def test_what_is_sealed_holds() -> None:
    for closing in office(3):
        assert check_closing(closing, PUBLIC) == []
        assert check_reference(reference(closing), PUBLIC) == []
    assert check_chain(chain_of(link_of(closing) for closing in office(3)), PUBLIC) == []


def _set(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(closing: dict[str, Any]) -> None:
        *way, last = path.split(".")
        place: Any = closing
        for step in way:
            place = place[int(step)] if step.isdigit() else place[step]
        place[last] = value

    return change


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (_set("cells.0.value", 999), "closing_content_changed"),
        (_set("cells.1.value", "12.6"), "closing_content_changed"),
        (_set("cells.0.value", 201.0), "closing_number_inexact"),
        (_set("note", "other"), "closing_content_changed"),
        (_set("known_at", "2030-01-01T00:00:00+00:00"), "closing_content_changed"),
        (_set("official.name", "X"), "closing_entry_changed"),
        (_set("closed_at", "2030-01-01T00:00:00+00:00"), "closing_entry_changed"),
        (_set("content_hash", "0" * 64), "closing_content_changed"),
        (_set("previous_hash", "1" * 64), "closing_entry_changed"),
        (_set("number", 2), "closing_entry_changed"),
        (_set("key_id", "office-2"), "closing_entry_changed"),
        (_set("entry_hash", "0" * 64), "closing_entry_changed"),
        (_set("signature", "A" * 86 + "=="), "closing_signature_wrong"),
        (_set("signature", "no base64"), "closing_signature_wrong"),
        (_set("signature", 5), "closing_signature_wrong"),
        (lambda closing: closing.pop("official"), "closing_part_missing"),
        (lambda closing: closing["cells"].reverse(), "closing_content_changed"),
        (lambda closing: closing["cells"].pop(), "closing_content_changed"),
        (lambda closing: closing.update(extra=1), "closing_content_changed"),
        (lambda closing: closing.update(format="other"), "closing_file_unknown"),
    ],
)
def test_whatever_is_changed_in_a_closing_is_found(
    change: Callable[[dict[str, Any]], None], rule: str
) -> None:
    closing = copy.deepcopy(office(1)[0])
    change(closing)
    assert rule in rules(check_closing(closing, PUBLIC))


def test_a_closing_sealed_by_another_key_is_not_the_offices() -> None:
    forged = office(1, OTHER_KEY)[0]
    assert rules(check_closing(forged, None)) == set()
    assert rules(check_closing(forged, PUBLIC)) == {"closing_signature_wrong"}


def test_a_signature_has_one_spelling() -> None:
    closing = office(1)[0]
    last = closing["signature"][-3]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    twin = alphabet[alphabet.index(last) ^ 1]  # differs in bits that base64 throws away
    closing["signature"] = f"{closing['signature'][:-3]}{twin}=="
    assert rules(check_closing(closing, PUBLIC)) == {"closing_signature_wrong"}


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_flipped_byte_of_an_exported_closing_is_found(data: st.DataObject) -> None:
    exported = canonical(office(2)[1])
    at = data.draw(st.integers(0, len(exported) - 1))
    bit = data.draw(st.integers(0, 7))
    damaged = bytearray(exported)
    damaged[at] ^= 1 << bit
    try:
        read = read_json(bytes(damaged))
        whole = isinstance(read, dict) and canonical(read) == bytes(damaged)
    except (ValueError, RecursionError):
        return
    assert not whole or check_closing(read, PUBLIC) != []


def _links(count: int = 4) -> Chain:
    chain: Chain = json.loads(json.dumps(chain_of(link_of(closing) for closing in office(count))))
    return chain


def _delete(at: int) -> Damage:
    def damage(chain: Chain) -> None:
        del chain["links"][at]
        chain["length"] -= 1

    return damage


def _swap(one: int, other: int) -> Damage:
    def damage(chain: Chain) -> None:
        links = chain["links"]
        links[one], links[other] = links[other], links[one]

    return damage


def _insert(at: int) -> Damage:
    def damage(chain: Chain) -> None:
        previous = chain["links"][at - 1]["entry_hash"] if at else "0" * 64
        forged = seal(content(9), at + 1, previous, "office-1", OTHER_KEY.sign)
        chain["links"].insert(at, link_of(forged))
        chain["length"] += 1

    return damage


def _flip(at: int, name: str) -> Damage:
    def damage(chain: Chain) -> None:
        entry = chain["links"][at]["entry"]
        entry[name] = "f" * 64 if entry[name] != "f" * 64 else "0" * 64

    return damage


CHAIN_DAMAGES = {
    **{f"delete {at}": _delete(at) for at in range(3)},
    **{f"swap {at}": _swap(at, at + 1) for at in range(3)},
    **{f"insert {at}": _insert(at) for at in range(5)},
    **{f"flip {at} {name}": _flip(at, name) for at in range(4) for name in ("content_hash", "previous_hash")},
    "length": lambda chain: chain.update(length=5),
    "no links": lambda chain: chain.pop("links"),
}


@pytest.mark.parametrize("damage", CHAIN_DAMAGES.values(), ids=CHAIN_DAMAGES)
def test_a_changed_removed_exchanged_or_inserted_link_is_found(damage: Damage) -> None:
    chain = _links()
    damage(chain)
    assert check_chain(chain, PUBLIC) != []


@pytest.mark.parametrize("kept", [1, 2, 3])
def test_a_cut_tail_is_found_by_whoever_has_a_closing_of_it(kept: int) -> None:
    closings = office(4)
    shorter = chain_of(link_of(closing) for closing in closings[:kept])
    assert check_chain(shorter, PUBLIC) == []
    assert rules(check_membership(entry_of(closings[3]), shorter)) == {"closing_not_in_chain"}
    assert check_membership(entry_of(closings[0]), shorter) == []


def test_a_chain_begun_anew_does_not_have_the_closings_of_the_old() -> None:
    other = [seal(content(1, note="other"), 1, "0" * 64, "office-1", KEY.sign)]
    chain = chain_of(link_of(closing) for closing in other)
    assert check_chain(chain, PUBLIC) == []
    assert rules(check_membership(entry_of(office(1)[0]), chain)) == {"closing_other_in_chain"}


def test_a_reference_that_names_another_closing_than_its_link_is_found() -> None:
    one, two = office(2)
    mixed = reference(one) | {"content_hash": two["content_hash"]}
    assert rules(check_reference(mixed, PUBLIC)) == {"closing_reference_mixed"}
    assert rules(check_reference(reference(one) | {"signature": two["signature"]}, PUBLIC)) == {
        "closing_signature_wrong"
    }
    assert check_reference({"closing_id": "x"}, PUBLIC) == [
        Finding("closing_part_missing", {"part": "chain_entry"})
    ]


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (
            lambda chain: check_chain(chain | {"links": 5}, PUBLIC),
            ("closing_part_misshapen", {"part": "links"}),
        ),
        (
            lambda chain: check_chain(chain | {"links": [*chain["links"], "x"]}, PUBLIC),
            ("closing_part_misshapen", {"part": "links[3]"}),
        ),
        (
            lambda chain: check_chain({"links": [{"entry": []}]}, PUBLIC),
            ("closing_part_misshapen", {"part": "links[1].entry"}),
        ),
        (lambda chain: check_chain({"length": 0}, PUBLIC), ("closing_part_missing", {"part": "links"})),
        (
            lambda chain: check_publication(
                {"file": "a" * 5, "sha256": 2**60, **reference(office(1)[0])}, None, PUBLIC
            ),
            ("closing_number_inexact", {"number": str(2**60)}),
        ),
        (
            lambda chain: check_publication({"file": "\ud800", **reference(office(1)[0])}, None, PUBLIC),
            ("closing_text_unusable", {}),
        ),
    ],
)
def test_what_is_damaged_is_named_and_no_language_of_programs_is_shown(
    found: Callable[[Chain], list[Finding]], said: tuple[str, dict[str, object]]
) -> None:
    (last,) = (one for one in found(_links(2)) if one.rule in DAMAGES)
    assert (last.rule, last.parts) == said
    assert "Error" not in str(message(last.rule, **last.parts))
