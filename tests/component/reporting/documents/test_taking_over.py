"""A new edition of a closed period begins with the texts of the edition before, if its author wants them."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, cast

import httpx

from services.chassis.platform import Platform
from tests.component.reporting.documents.world import HAI_DUONG, listed
from tests.support.callers import bearer
from tests.support.clock import FixedClock
from tests.support.closings import ACCEPTED
from tests.support.page_tables import shown
from tests.support.reporting import Log, fold
from texts import message

Office = tuple[Platform, httpx.AsyncClient, Log]
BLANK = {"remarks": "", "causes": "", "directions": "", "recommendations": ""}
TEXTS = BLANK | {"remarks": "Ổn định.", "causes": "Thiếu cán bộ."}
PAGE = "/reporting/reports/annual"


class Edition:
    """The annual report of one edition, as the committee's official writes it."""

    def __init__(self, client: httpx.AsyncClient, closing: Mapping[str, Any]) -> None:
        self.client, self.closing = client, closing
        self.named = {"closing": closing["id"]}

    async def read(self) -> dict[str, Any]:
        answer = await self.client.get(
            "/v1/reports/annual/composition", params=self.named, headers=bearer("committee")
        )
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def does(self, act: str, seen: int, **more: Any) -> httpx.Response:
        return await self.client.post(
            "/v1/reports/annual/composition",
            params=self.named,
            json={"act": act, "seen": seen, **more},
            headers=bearer("committee"),
        )

    async def page(self) -> str:
        headers = bearer("committee", Accept="text/html", **{"Accept-Language": "vi"})
        answer = await self.client.get(PAGE, params=self.named, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.text

    async def press(self, act: str, seen: str, **typed: str) -> httpx.Response:
        headers = bearer("committee", Accept="text/html", **{"Accept-Language": "vi"})
        data = {**self.named, "act": act, "seen": seen, **BLANK, **typed}
        return await self.client.post(PAGE, data=data, headers=headers)


async def close(client: httpx.AsyncClient, period: str) -> dict[str, Any]:
    order = {"calendar": "committee", "period": period, "figures": "annual", "name": "Nguyễn Văn Thử"}
    answer = await client.post(
        "/v1/closings", json=order | {"accept_missing": ACCEPTED}, headers=bearer("committee")
    )
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def again(office: Office, closing: Mapping[str, Any], since: date) -> dict[str, Any]:
    """The next edition, after a record that nobody knew of at the one before."""
    platform, client, _ = office
    clock = cast(FixedClock, platform.clock)
    late = Log()
    listed(late, f"late {since}", "addict", since, HAI_DUONG, recorded=clock() + timedelta(hours=1))
    await fold(platform, late.messages)
    clock.advance(timedelta(days=1))
    answer = await client.post(
        f"/v1/closings/{closing['id']}/editions",
        json={"note": "sửa", "name": "Nguyễn Văn Thử"},
        headers=bearer("committee"),
    )
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_new_edition_takes_over_the_texts_of_the_one_before_to_be_edited(office: Office) -> None:
    client = office[1]
    # Given an edition whose report was written, sent, and an edition after it
    first = Edition(client, await close(client, "2021"))
    assert (await first.does("written", 0, **TEXTS)).status_code == 200
    second = Edition(client, await again(office, first.closing, date(2021, 3, 1)))
    begun = await second.read()
    # Then its report is empty, and says which texts it may begin with
    assert (begun["seen"], begun["remarks"]) == (0, "")
    assert "taken_over" in begun["may"]
    earlier = begun["earlier"]
    assert (earlier["closing"], earlier["edition"]) == (first.closing["id"], 1)
    assert (earlier["last"]["act"], earlier["last"]["number"]) == ("written", 1)
    # When they are taken over, twice by a double click
    for _ in range(2):
        done = await second.does("taken_over", 0)
        assert done.status_code == 200, done.text
    # Then they stand as a step that says where they are from, and nothing is offered any more
    found = await second.read()
    assert {name: found[name] for name in TEXTS} == TEXTS
    assert [(step["act"], step["source"]) for step in found["steps"]] == [("taken_over", first.closing["id"])]
    assert found["earlier"] is None
    assert "taken_over" not in found["may"]
    refused = await second.does("taken_over", 1)
    assert (refused.status_code, refused.json()["rule"]) == (409, "report_has_texts")
    # And whoever edits them changes this edition alone
    assert (await second.does("written", 1, **TEXTS | {"causes": "Khác."})).status_code == 200
    assert (await first.read())["causes"] == "Thiếu cán bộ."
    # And an edition without texts of its own passes on those of the edition before it
    third = Edition(client, await again(office, second.closing, date(2021, 4, 1)))
    fourth = Edition(client, await again(office, third.closing, date(2021, 5, 1)))
    assert (await fourth.read())["earlier"]["edition"] == 2


async def test_a_first_edition_and_a_report_without_a_closing_have_nothing_to_take_over(
    office: Office,
) -> None:
    client = office[1]
    first = Edition(client, await close(client, "2020"))
    assert (await first.read())["earlier"] is None
    refused = await first.does("taken_over", 0)
    assert (refused.status_code, refused.json()["rule"]) == (409, "report_nothing_earlier")
    first.named = {"year": "2020"}
    refused = await first.does("taken_over", 0)
    assert (refused.status_code, refused.json()["rule"]) == (409, "report_nothing_earlier")


async def test_the_page_offers_the_texts_keeps_what_was_typed_and_says_what_nobody_has_edited(
    office: Office,
) -> None:
    client = office[1]
    first = Edition(client, await close(client, "2019"))
    assert (await first.does("written", 0, **TEXTS)).status_code == 200
    second = Edition(client, await again(office, first.closing, date(2019, 3, 1)))
    # Given the page of the new edition, with the way to the report of the one before
    page = shown(await second.page())
    assert page.links[message("page.report.earlier").vi] == f"{PAGE}?closing={first.closing['id']}"
    # When somebody has typed, nothing of it is put aside
    refused = await second.press("taken_over", page.inputs["seen"], remarks="Tôi đã gõ")
    assert refused.status_code == 422
    assert "Tôi đã gõ" in refused.text
    assert message("report_take_over_typed").vi in refused.text
    # When nothing is typed, the texts are taken over, and told as those of the edition before
    done = await second.press("taken_over", page.inputs["seen"])
    assert done.status_code == 303, done.text
    text = await second.page()
    assert "Thiếu cán bộ." in text
    assert message("page.report.take_over").vi not in text
    told = message("page.report.taken_over", who="§", when="§").vi.partition("§")[0]
    assert told in text
    history = shown(text).tables[message("page.report.history").vi]
    assert [row[0] for row in history] == [message("report.act.taken_over").vi]
    # And not any more when somebody has edited them
    assert (await second.press("written", "1", **TEXTS | {"causes": "Khác."})).status_code == 303
    text = await second.page()
    assert told not in text
    assert [row[0] for row in shown(text).tables[message("page.report.history").vi]] == [
        message("report.act.written").vi,
        message("report.act.taken_over").vi,
    ]
