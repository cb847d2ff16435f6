"""A closing is final, and so is what a report is sent up with: refused while anything handed over is not in the figures yet."""

from collections.abc import AsyncIterator
from datetime import date

import httpx
import pytest
from sqlalchemy import text

from deploy.embedded.postgres import PostgresServer
from services.chassis.kafka import circuit_breaker, positions, standing
from tests.component.reporting.closing.conftest import OFFICE_KEY, Office, opened
from tests.support.callers import bearer
from tests.support.closings import ACCEPTED
from tests.support.reporting import Log, fold, listed

CONSUMER = "reporting-g1"
AT, OTHER = ("registry.records", 0), ("incidents.fires", 0)
ORDER = {"calendar": "civil", "period": "2023", "figures": "all", "accept_missing": ACCEPTED}


@pytest.fixture
async def impatient(server: PostgresServer) -> AsyncIterator[Office]:
    """An office whose closings wait for a moment only, with one user in its register and no process that applies."""
    async with opened(server, signing_key=OFFICE_KEY, closing_wait_seconds=0.5) as made:
        log = Log()
        listed(log, "an", "user", date(2023, 2, 1))
        await fold(made.platform, log.messages)
        yield made


async def applied(office: Office, *partitions: tuple[str, int]) -> None:
    """A consumer has begun with these partitions."""
    async with office.platform.uow() as session:
        for at in partitions:
            await positions.start(session, CONSUMER, at, "log-1")


async def every_act(office: Office, closing: str) -> list[httpx.Response]:
    """Everything by which somebody says that figures stand."""
    return [
        await office.post("", ORDER | {"period": "2022"}),
        await office.post(f"/{closing}/editions", {}),
        await office.post(f"/{closing}/publications", {"file": "a.pdf", "sha256": "0" * 64}),
        await office.post(f"/{closing}/revisions"),
        await send_up(office, area="30", year="2022"),
    ]


async def send_up(office: Office, **named: str) -> httpx.Response:
    """A report is sent up as it is, by the official of its office."""
    return await office.client.post(
        "/v1/reports/annual/composition",
        params=named,
        json={"act": "submitted", "seen": 0},
        headers=bearer("official"),
    )


def rules(answers: list[httpx.Response]) -> set[tuple[int, str]]:
    return {(one.status_code, one.json()["type"].removeprefix("urn:khopso:problem:")) for one in answers}


async def test_while_nobody_says_that_all_is_applied_nothing_is_closed_or_published(
    impatient: Office,
) -> None:
    closing = (await impatient.close())["id"]
    await applied(impatient, AT, OTHER)
    answers = await every_act(impatient, closing)
    assert rules(answers) == {(409, "closing_unkept")}
    assert "incidents.fires, registry.records" in answers[0].text
    # What is closed is read all the same.
    assert (await impatient.get(f"/{closing}")).status_code == 200
    assert (await impatient.replay({"id": closing}))["equal"]
    # And its report is sent up, since its numbers stand.
    assert (await send_up(impatient, closing=closing)).status_code == 200


async def test_while_records_wait_they_are_named_with_their_numbers(impatient: Office) -> None:
    closing = (await impatient.close())["id"]
    await applied(impatient, AT, OTHER)

    async with impatient.platform.uow() as session:
        await standing.tell(session, CONSUMER, {AT: ("log-1", 312), OTHER: ("log-1", 0)})
        # As a process does that answers at once, however often it is asked.
        await session.execute(text("UPDATE position SET seen_at = now() + interval '1 day'"))
    answers = await every_act(impatient, closing)
    assert rules(answers) == {(409, "closing_behind")}
    assert "registry.records (312)" in answers[0].text
    assert "incidents.fires" not in answers[0].text
    async with impatient.platform.uow() as session:
        await session.execute(text("UPDATE position SET next_offset = log_end"))
    assert (await impatient.post("", ORDER | {"period": "2022"})).status_code == 201
    assert (await send_up(impatient, area="30", year="2022")).status_code == 200


async def test_a_stopped_consumer_is_named_at_once_with_its_reason(impatient: Office) -> None:
    closing = (await impatient.close())["id"]
    await applied(impatient, AT)
    async with impatient.platform.uow() as session:
        await circuit_breaker.trip(session, CONSUMER, 100, impatient.platform.clock(), "against-schema")
    answers = await every_act(impatient, closing)
    assert rules(answers) == {(409, "closing_halted")}
    assert "against-schema" in answers[0].text


async def test_topics_that_nobody_reads_any_more_are_not_waited_for(impatient: Office) -> None:
    await applied(impatient, ("registry.former", 0))
    assert (await impatient.post("", ORDER)).status_code == 201
