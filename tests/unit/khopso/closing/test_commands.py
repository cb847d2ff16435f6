"""`khopso close` and `khopso revisions` as clients of the service."""

import json
from functools import partial
from pathlib import Path
from typing import Any

from proof import canonical, digest
from tests.support.closings import office
from tests.unit.khopso.conftest import Khopso
from tests.unit.khopso.fake_services import Answer, FakeServices

IDLE = {
    "service": "x",
    "outbox": {"unsent": 0, "newest": 0, "oldest_unsent": None, "sent": {}, "incarnations": {}},
    "applied": {},
    "dead_letters": 0,
}


def current(fake: FakeServices, missing: int = 0) -> None:
    """Nothing is under way: the figures are current. So many units have not handed in their fires."""
    fake.routes["GET /v1/progress"] = lambda _query, _body: (200, IDLE)
    states = {"expected": 5, "received": 5 - missing, "late": 0, "missing": missing, "awaited": 0}
    forms = [{"form": "fires", **states, "declared": 4 - missing, "nil": 0}]
    fake.routes["GET /v1/ledger"] = lambda _query, _body: (200, {"forms": forms, "entries": []})


def summary(closing: dict[str, Any], **given: Any) -> dict[str, Any]:
    return {**{k: v for k, v in closing.items() if k != "cells"}, "cells": len(closing["cells"])} | given


def test_closing_waits_for_what_was_handed_in_and_shows_what_was_frozen(
    khopso: Khopso, fake: FakeServices
) -> None:
    (closing,) = office(1)
    current(fake)
    fake.routes["POST /v1/closings"] = lambda _query, _body: (201, closing)
    ran = khopso(
        "close", "--calendar", "civil", "--period", "2021", "--figures", "all", "--known-at", "10/01/2022"
    )
    assert ran.code == 0, ran.err
    assert closing["content_hash"] in ran.out
    assert "registry.users" in ran.out
    asked = [call for call in fake.calls if call[0] in ("GET /v1/progress", "POST /v1/closings")]
    assert asked[0][0] == "GET /v1/progress"
    assert asked[-1] == (
        "POST /v1/closings",
        {},
        {"calendar": "civil", "period": "2021", "figures": "all", "known_at": "2022-01-10"},
    )


CLOSE = ("close", "--calendar", "civil", "--period", "2021", "--figures", "all")


def orders(fake: FakeServices) -> list[Any]:
    """The bodies of the orders to close that were sent."""
    return [body for route, _, body in fake.calls if route == "POST /v1/closings"]


def test_what_is_missing_is_shown_and_nothing_is_closed_before_a_named_person_accepts_it(
    khopso: Khopso, fake: FakeServices
) -> None:
    (closing,) = office(1)
    accepted = {"name": "Trần Thị Thử", "reason": "xã báo sau"}
    current(fake, missing=2)
    fake.routes["POST /v1/closings"] = lambda _query, body: (
        201,
        {**closing, "accepted_missing": body["accept_missing"]},
    )
    # Given no terminal to ask at: it is refused, with what is missing
    refused = khopso(*CLOSE)
    assert (refused.code, orders(fake)) == (1, [])
    assert "Chưa nộp / missing 2" in refused.err
    assert "not declared complete 3" in refused.err
    # A reason without a name is no decision
    assert (khopso(*CLOSE, "--accept-missing", "xã báo sau").code, orders(fake)) == (2, [])
    # And with both the closing names who decided, and why
    ran = khopso(*CLOSE, "--accept-missing", accepted["reason"], "--name", accepted["name"])
    assert ran.code == 0, ran.err
    (order,) = orders(fake)
    assert (order["accept_missing"], order["name"]) == (accepted, accepted["name"])
    assert "Trần Thị Thử: xã báo sau" in ran.out


def test_where_nothing_is_missing_nobody_has_to_accept_it(khopso: Khopso, fake: FakeServices) -> None:
    (closing,) = office(1)
    current(fake)
    fake.routes["POST /v1/closings"] = lambda _query, _body: (201, closing)
    assert khopso(*CLOSE, "--accept-missing", "không cần").code == 0
    assert "accept_missing" not in orders(fake)[0]


def test_calendar_and_period_are_needed(khopso: Khopso) -> None:
    assert khopso("close", "--calendar", "civil").code == 2
    assert khopso("close", "--period", "2023").code == 2


def test_a_closing_is_written_byte_for_byte_as_it_was_sealed(
    khopso: Khopso, fake: FakeServices, tmp_path: Path
) -> None:
    (closing,) = office(1)
    fake.routes[f"GET /v1/closings/{closing['id']}"] = lambda _query, _body: (200, closing)
    out = tmp_path / "c.json"
    assert khopso("close", "show", closing["id"], "--out", out).code == 0
    assert out.read_bytes() == canonical(closing)


def test_the_list_shows_each_closing_with_its_official(khopso: Khopso, fake: FakeServices) -> None:
    listed = [summary(closing) for closing in reversed(office(2))]
    fake.routes["GET /v1/closings"] = lambda _query, _body: (200, {"closings": listed})
    ran = khopso("close", "list")
    assert ran.code == 0
    assert all(one["id"] in ran.out for one in listed)
    assert "Trần Thị Thử (committee:30)" in ran.out


def _always(answer: Answer, _query: dict[str, str], _body: Any) -> Answer:
    return answer


def test_a_replay_that_differs_ends_with_exit_code_1(khopso: Khopso, fake: FakeServices) -> None:
    cell = {"figure": "registry.users", "by": "area", "row": "288"}
    for equal, different, code in ((True, [], 0), (False, [cell], 1)):
        answer = {"id": "x", "equal": equal, "different": different, "area_book_changed": not equal}
        fake.routes["GET /v1/closings/x/replay"] = partial(_always, (200, answer))
        ran = khopso("close", "verify", "x")
        assert (ran.code, "registry.users 288" in ran.out) == (code, not equal)
        assert ("the book of areas in use is not the closing's" in ran.out) == (not equal)


def test_publishing_signs_the_hash_of_the_file_and_writes_the_proof_beside_it(
    khopso: Khopso, fake: FakeServices, tmp_path: Path
) -> None:
    path = tmp_path / "annual.pdf"
    path.write_bytes(b"%PDF")
    fake.routes["POST /v1/closings/x/publications"] = lambda _query, body: (201, {"given": body})
    assert khopso("close", "publish", "x", path).code == 0
    given = {"file": "annual.pdf", "sha256": digest(b"%PDF")}
    assert (tmp_path / "annual.pdf.proof.json").read_bytes() == canonical({"given": given})


def test_a_report_of_a_closing_is_saved_with_the_proof_that_the_office_signed(
    khopso: Khopso, fake: FakeServices, tmp_path: Path
) -> None:
    out = tmp_path / "annual.json"
    fake.routes["GET /v1/reports/annual.json"] = lambda _query, _body: (200, {"report": "annual"})
    fake.routes["POST /v1/closings/x/publications"] = lambda _query, body: (201, {"given": body})
    ran = khopso("report", "annual", "--closing", "x", "--out", out, "--json")
    proof = tmp_path / "annual.json.proof.json"
    assert (ran.code, ran.document["proof"]) == (0, str(proof))
    given = {"file": "annual.json", "sha256": digest(out.read_bytes())}
    assert proof.read_bytes() == canonical({"given": given})


def test_a_closing_is_named_by_its_period_wherever_one_is_asked_for(
    khopso: Khopso, fake: FakeServices, tmp_path: Path
) -> None:
    listed = [
        {"id": name, "period": period, "calendar": "civil", "figures": "annual", "supersedes": before}
        for name, period, before in (("a", "2022", None), ("x", "2023", None), ("y", "2023", "x"))
    ]
    fake.routes["GET /v1/closings"] = lambda _query, _body: (200, {"closings": listed})
    fake.routes["GET /v1/closings/y/replay"] = lambda _query, _body: (200, {"equal": True, "different": []})
    fake.routes["GET /v1/reports/annual.json"] = lambda query, _body: (200, {"of": query["closing"]})
    fake.routes["POST /v1/closings/y/publications"] = lambda _query, body: (201, {"given": body})
    assert khopso("close", "verify", "2023", "--json").document["equal"] is True
    out = tmp_path / "annual.json"
    assert khopso("report", "annual", "--closing", "2023", "--out", out).code == 0
    assert json.loads(out.read_bytes()) == {"of": "y"}
    assert khopso("close", "verify", "2024", "--json").document["error"]["rule"] == "closing_period_unknown"


def test_who_may_not_publish_keeps_the_report_and_is_told_that_it_has_no_proof(
    khopso: Khopso, fake: FakeServices, tmp_path: Path
) -> None:
    out = tmp_path / "annual.json"
    fake.routes["GET /v1/reports/annual.json"] = lambda _query, _body: (200, {"report": "annual"})
    fake.problem("POST /v1/closings/x/publications", 403, "closing_not_entitled")
    ran = khopso("report", "annual", "--closing", "x", "--out", out)
    assert (ran.code, out.is_file()) == (0, True)
    assert "without annual.json.proof.json" in ran.out
    assert not (tmp_path / "annual.json.proof.json").exists()
    fake.problem("POST /v1/closings/x/publications", 422, "closing_sha256")
    assert khopso("report", "annual", "--closing", "x", "--out", out).code == 2


REVISED = {
    "id": "x",
    "edition": 1,
    "calendar": "civil",
    "period": "2021",
    "cells": [
        {
            "figure": "registry.users",
            "area": "30",
            "by": "area",
            "row": "288",
            "old": 3,
            "new": 2,
            "causes": [
                {
                    "reason": "void",
                    "vi": "hủy bản ghi",
                    "en": "a record was withdrawn",
                    "count": -1,
                    "records": [
                        {"form": "registry", "type": "voided", "record": "r", "unit": "police:288",
                         "recorded_at": "2024-06-20T00:00:00+00:00"}
                    ],
                }
            ],
        }
    ],
}  # fmt: skip


def test_revisions_of_a_period_are_those_of_its_latest_edition(khopso: Khopso, fake: FakeServices) -> None:
    one, two = office(2)
    listed = [summary(two, period="2021", edition=2, supersedes=one["id"]), summary(one)]
    fake.routes["GET /v1/closings"] = lambda _query, _body: (200, {"closings": listed})
    fake.routes[f"GET /v1/closings/{two['id']}/revisions"] = lambda _query, _body: (200, REVISED)
    ran = khopso("revisions", "2021")
    assert ran.code == 0, ran.err
    assert "registry.users 288: 3 → 2" in ran.out
    assert "-1  hủy bản ghi / a record was withdrawn" in ran.out
    assert "registry voided r police:288" in ran.out
    assert khopso("revisions", "2021", "--calendar", "health").code == 2
    fake.routes["GET /v1/closings"] = lambda _query, _body: (
        200,
        {"closings": [summary(one), summary(two, period="2021")]},
    )
    several = khopso("revisions", "2021")
    assert several.code == 2
    assert one["id"] in several.err
    assert two["id"] in several.err
