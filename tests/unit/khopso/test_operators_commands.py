"""The commands of operators: dead letters, consumers, second persons, keys."""

from typing import Any

from tests.unit.khopso.conftest import Khopso
from tests.unit.khopso.fake_services import FakeServices


def test_dead_letters_are_listed_shown_and_settled(khopso: Khopso, fake: FakeServices) -> None:
    letter = {
        "id": 7,
        "topic": "registry.records",
        "partition": 1,
        "offset": 42,
        "consumer": "fold",
        "reason": "bad_json",
        "failed_at": "2026-01-01T00:00:00Z",
    }
    others = [letter | {"id": number} for number in (8, 9)]
    pages = {"": ([letter], 7), "7": (others[:1], 8), "8": (others[1:], None)}

    def listed(query: dict[str, str], _body: Any) -> tuple[int, Any]:
        letters, following = pages[query.get("after", "")]
        return 200, {"dead_letters": letters, "next": following}

    fake.routes["GET /v1/dlq"] = listed
    fake.routes["GET /v1/dlq/7"] = lambda _query, _body: (200, letter)
    for action in ("retry", "discard"):
        fake.routes[f"POST /v1/dlq/7/{action}"] = lambda _query, _body: (200, {"status": "done"})
    everything = {"dead_letters": [letter, *others], "next": None}
    assert khopso("dlq", "list", "reporting", "--json").document == everything
    assert "bad_json" in khopso("dlq", "list", "reporting").out
    assert khopso("dlq", "show", "reporting", "7", "--json").document == letter
    assert khopso("dlq", "retry", "reporting", "7", "--json").document["action"] == "retry"
    assert "khopso dlq erase" in khopso("dlq", "discard", "reporting", "7").out


def test_a_dead_letter_is_erased_with_a_reason_and_shown_unmasked_only_when_asked(
    khopso: Khopso, fake: FakeServices
) -> None:
    asked: list[Any] = []

    def shown(query: dict[str, str], _body: Any) -> tuple[int, Any]:
        asked.append(query)
        return 200, {"id": 7}

    def erased(_query: dict[str, str], body: Any) -> tuple[int, Any]:
        asked.append(body)
        return 200, {"id": 7, "status": "erased", "logs_forgot": len(asked) > 3}

    fake.routes["GET /v1/dlq/7"] = shown
    fake.routes["POST /v1/dlq/7/erase"] = erased
    assert khopso("dlq", "show", "reporting", "7").code == 0
    assert khopso("dlq", "show", "reporting", "7", "--unmasked").code == 0
    assert khopso("dlq", "erase", "reporting", "7").code == 2
    kept = khopso("dlq", "erase", "reporting", "7", "--reason", "sent in the clear").out
    gone = khopso("dlq", "erase", "reporting", "7", "--reason", "sent in the clear").out
    assert asked == [{}, {"unmasked": "true"}, *2 * [{"reason": "sent in the clear"}]]
    assert "retention" in kept
    assert "on the log too" in gone


def test_a_consumer_that_dead_letters_stopped_is_seen_and_resumed(khopso: Khopso, fake: FakeServices) -> None:
    state = {
        "consumer": "reporting-g1",
        "consecutive_dead_letters": 100,
        "stopped_at": "2026-01-01T00:00:00Z",
        "reason": "unknown-type",
    }
    fake.routes["GET /v1/consumers"] = lambda _query, _body: (200, [state])
    fake.routes["POST /v1/consumers/reporting-g1/resume"] = lambda _query, _body: (200, {"resumed": True})
    assert khopso("consumers", "list", "reporting", "--json").document == [state]
    assert "dừng / stopped" in khopso("consumers", "list", "reporting").out
    assert khopso("consumers", "resume", "reporting", "reporting-g1", "--json").document["resumed"] is True


def test_a_second_person_is_asked_and_decides_and_the_approval_is_presented(
    khopso: Khopso, fake: FakeServices
) -> None:
    # Given a service with one request for approval on each of two pages
    told: list[Any] = []
    one = {
        "id": "0199",
        "state": "asked",
        "action": "erase_dead_letter",
        "form": "",
        "unit": "",
        "item": "7",
        "rows": 1,
        "used": 0,
        "reason": "sent in the clear",
        "asked_by": "one",
        "expires_at": "2026-01-02T00:00:00Z",
    }

    def listed(query: dict[str, str], _body: Any) -> tuple[int, Any]:
        told.append(query)
        return 200, {"approvals": [one], "next": None if "before" in query else "0199"}

    def heard(_query: dict[str, str], body: Any) -> tuple[int, Any]:
        told.append(body)
        return 201, one

    fake.routes["GET /v1/approvals"] = listed
    fake.routes["POST /v1/approvals"] = heard
    fake.routes["POST /v1/approvals/0199/decision"] = heard
    # When somebody asks, lists, approves and refuses
    asked = khopso(
        "approvals", "ask", "reporting", "erase_dead_letter", "--item", "7", "--reason", "sent in the clear"
    )
    shown = khopso("approvals", "list", "reporting", "--json")
    khopso("approvals", "approve", "reporting", "0199", "--as", "two")
    khopso("approvals", "refuse", "reporting", "0199")
    # Then the service heard it, and every page was read
    assert "0199" in asked.out
    assert len(shown.document["approvals"]) == 2
    wanted = {name: one[name] for name in ("action", "form", "unit", "item", "rows", "reason")}
    assert told == [wanted, {}, {"before": "0199"}, {"approve": True}, {"approve": False}]


def test_keys_are_shown_and_rotated_batch_by_batch(khopso: Khopso, fake: FakeServices) -> None:
    # Given a service with five identities under an older key, of which each request rewrites up to two
    left = [(2, 0), (2, 0), (1, 0), (0, 2), (0, 1), (0, 0)]
    keys = {"current": "2026", "identities": {"2025": 5, "2026": 3}, "searched": {"2025": 3}}

    def rotated_next(_query: dict[str, str], _body: Any) -> tuple[int, Any]:
        rewritten, searched = left.pop(0)
        return 200, {"rewritten": rewritten, "searched": searched}

    fake.routes["GET /v1/keys/fields"] = lambda _query, _body: (200, keys)
    fake.routes["POST /v1/keys/fields/rotate"] = rotated_next
    # When they are shown and rotated
    shown = khopso("keys", "show", "registry").out
    rotated = khopso("keys", "rotate", "fields", "registry", "--json")
    # Then every batch was asked for
    assert "2025" in shown
    assert "hiện hành" in shown
    assert rotated.document == {"service": "registry", "key": "2026", "rewritten": 5, "searched": 3}
    assert left == []
