"""`khopso state` and `khopso reminders`: what is sent for a unit, and what is printed."""

from typing import Any

import pytest

from tests.unit.khopso.conftest import Khopso
from tests.unit.khopso.fake_services import FakeServices

ROUTE = "POST /v1/statements"
NOVEMBER = ("--calendar", "police", "--period", "2023-11", "--unit", "police:10513")


def answering(fake: FakeServices) -> None:
    """The services store whatever is stated."""

    def answer(_query: Any, body: Any) -> tuple[int, Any]:
        stored = [
            {
                "form": form,
                "says": says,
                "outcome": "withdrawn" if says == "withdrawn" else "stated",
                "statement": None,
            }
            for form, says in body["statements"].items()
        ]
        return 200, {"unit": body["unit"], "calendar": "police", "period": "2023-11", "statements": stored}

    fake.routes[ROUTE] = answer


@pytest.mark.parametrize(
    ("options", "says", "printed"),
    [
        ((), "complete", "Đã nộp đủ"),
        (("--nil",), "nil", "Không phát sinh"),
        (("--withdraw",), "withdrawn", "đã rút lại"),
    ],
)
def test_each_register_is_stated_where_it_is_kept(
    khopso: Khopso, fake: FakeServices, options: tuple[str, ...], says: str, printed: str
) -> None:
    answering(fake)
    ran = khopso("state", "fires", "registry", "arrests", *NOVEMBER, *options, "--recorded-on", "20/11/2023")
    assert (ran.code, printed in ran.out) == (0, True)
    common = {"calendar": "police", "period": "2023-11", "unit": "police:10513", "recorded_on": "2023-11-20"}
    assert [body for _, _, body in fake.calls] == [
        {**common, "statements": {"fires": says, "arrests": says}},
        {**common, "statements": {"registry": says}},
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        ("state", "fires", "--period", "2023-11"),
        ("state", "fires", "--calendar", "police"),
        ("state", "none", *NOVEMBER),
        ("state", "fires", *NOVEMBER, "--nil", "--withdraw"),
    ],
)
def test_wrong_use_sends_nothing(khopso: Khopso, fake: FakeServices, arguments: tuple[str, ...]) -> None:
    assert khopso(*arguments).code == 2
    assert not fake.calls


def test_reminders_are_printed_with_days_as_people_write_them(khopso: Khopso, fake: FakeServices) -> None:
    told = {
        "unit": "police:288", "form": "fires", "calendar": "police", "period": "2023-11", "kind": "overdue",
        "due": "2023-11-16", "days": 5, "state": "missing", "told_at": "2023-11-21T01:00:00+00:00",
    }  # fmt: skip
    fake.routes["GET /v1/reminders"] = lambda _query, _body: (200, {"reminders": [told]})
    ran = khopso("reminders", "--unit", "police:288")
    assert ran.code == 0
    assert all(part in ran.out for part in ("Quá hạn", "16/11/2023", "2023-11"))
    fake.routes["GET /v1/reminders"] = lambda _query, _body: (200, {"reminders": []})
    assert khopso("reminders").code == 0
