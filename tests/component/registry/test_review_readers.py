"""The review queue follows from what its reader reads: from no other record, and every decision can be undone by somebody."""

from typing import Any

import pytest

from services.registers import Intake
from services.registry.index import lock_links
from services.registry.registers import REGISTERS
from services.registry.review import readers
from services.registry.review.proposing import propose_next
from tests.component.registry.test_review import (
    ABOVE,
    COMMUNE,
    FOR,
    NEXT,
    ONE,
    TWO,
    keep,
    links,
    look,
    queue,
    row,
    say,
)
from tests.support.registers import Service

UNDO = {"reason": "paper_new"}


async def between(registry: Service, *numbers: str, **caller: str) -> dict[str, Any]:
    """The pair of the rows with these numbers, as the caller sees it side by side."""
    for pair in await queue(registry, **caller):
        headers = registry.as_(**caller) | FOR
        found: dict[str, Any] = (
            await registry.client.get(f"/v1/review/{pair['id']}", headers=headers)
        ).json()
        if {side["values"]["record_no"] for side in found["sides"]} == set(numbers):
            return found
    raise AssertionError(numbers)


async def test_a_decision_about_another_unit_is_not_told_and_counts_to_nothing(registry: Service) -> None:
    # Given two rows of a commune, and one of the next commune that the police above made one with the second and two with the first
    await keep(registry, row("A"), row("B", birth_date="05/02/1988"))
    away = row("C", birth_date="05/05/1988", commune_code="10516")
    await keep(registry, away, unit="police:10516")
    assert (await say(registry, await between(registry, "B", "C", **ABOVE), ONE, **ABOVE)).status_code == 200
    assert (await say(registry, await between(registry, "A", "C", **ABOVE), TWO, **ABOVE)).status_code == 200
    # Then the police above are told what speaks against one person, by the unit's name
    told = await between(registry, "A", "B", **ABOVE)
    (fault,) = told["against"]
    assert (fault["rule"], "police:" in fault["en"]) == ("review_apart", False)
    # And the commune, which reads nothing of it, learns nothing of it and decides
    own = await between(registry, "A", "B", **COMMUNE)
    assert own["against"] == []
    assert (await say(registry, own, ONE)).status_code == 200
    assert await queue(registry, **NEXT) == []


async def test_who_decides_is_written_down_as_a_look_also_when_it_is_refused(registry: Service) -> None:
    # Given a pair of two communes that cannot be one person
    number = {"national_id": "030088001111"}
    await keep(registry, row("A", **number))
    other = row("B", national_id="030088001112", commune_code="10516")
    await keep(registry, other, unit="police:10516")
    (pair,) = await queue(registry, **ABOVE)
    looks = "SELECT count(*) FROM look"
    assert await registry.query(looks) == [(0,)]
    # When the police above try to decide without having looked
    refused = await say(registry, pair, ONE, **ABOVE)
    # Then the refusal tells something of both people, and both units see that somebody asked
    assert (refused.status_code, refused.json()["rule"]) == (422, "review_contradicted")
    assert await registry.query(looks) == [(2,)]
    # And undoing what nobody decided does, too
    assert (await say(registry, pair, UNDO, "undo", **ABOVE)).status_code == 409
    assert await registry.query(looks) == [(4,)]


async def test_a_decision_is_undone_after_a_side_was_withdrawn_or_turned_out_to_be_under_18(
    registry: Service,
) -> None:
    for change in ("withdrawn", "under 18"):
        # Given a decision of a commune
        name = f"Lê Văn {'Sếu' if change == 'withdrawn' else 'Vạc'}"
        await keep(
            registry,
            row(f"{change} 1", full_name=name),
            row(f"{change} 2", full_name=name, birth_date="05/02/1988"),
        )
        (pair,) = await queue(registry)
        assert (await say(registry, pair, ONE)).json()["outcome"] == "decided"
        # When one side is withdrawn, or corrected to somebody under 18, of whom the clerk reads no name
        if change == "withdrawn":
            gone = {"record_no": f"{change} 2", "status_from": "10/01/2023", "void": "yes"}
        else:
            gone = row(f"{change} 2", full_name=name, birth_date="05/02/2010")
        await keep(registry, gone)
        # Then the clerk finds the decision, and nothing of how a hidden side agrees
        (decided,) = await queue(registry, "one")
        if change == "under 18":
            headers = registry.as_(**COMMUNE)
            found = (await registry.client.get(f"/v1/review/{pair['id']}", headers=headers)).json()
            assert (decided["fields"], found["sides"][0]["values"], found["may_decide"]) == ([], {}, False)
        # And undoes it; the link has an end
        undone = await say(registry, decided, UNDO, "undo")
        assert undone.status_code == 200, undone.text
        assert await queue(registry, "one") == []
    assert len([link for link in await links(registry) if link.known_until is not None]) == 4


async def test_the_police_above_undo_what_a_unit_below_decided(registry: Service) -> None:
    # Given a decision of a commune about its own people, which the police above do not decide
    await keep(registry, row("A"), row("B", birth_date="05/02/1988"))
    (pair,) = await queue(registry)
    assert (await say(registry, pair, ONE, **ABOVE)).status_code == 403
    assert (await say(registry, pair, ONE)).status_code == 200
    (decided,) = await queue(registry, "one", **ABOVE)
    # Then the next commune knows of no such pair, and the police above undo it
    assert (await say(registry, decided, UNDO, "undo", **NEXT)).status_code == 404
    assert (await say(registry, decided, UNDO, "undo", **ABOVE)).status_code == 200
    assert [each["id"] for each in await queue(registry)] == [pair["id"]]


async def test_the_queue_waits_while_somebody_decides(registry: Service) -> None:
    # Given something that the queue has to look at
    intake = Intake.of(registry.platform, REGISTERS)
    await keep(registry, row("A"), row("B", birth_date="05/02/1988"))
    await registry.query("INSERT INTO review_due SELECT one FROM review_pair RETURNING ref")
    # When links are being changed meanwhile, by another connection
    async with registry.platform.uow() as session:
        await lock_links(session)
        # Then it looks at nothing, and forgets nothing
        assert await propose_next(registry.platform, intake) == 0
    # And afterwards it does
    assert await propose_next(registry.platform, intake) == 1
    await look(registry)


async def test_somebody_under_18_by_one_record_is_so_by_all(
    registry: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given two people, each with two rows, of which an earlier version of the older row said that they are under 18
    for number, birth in (("A", "02/05/1988"), ("B", "03/06/1988")):
        await keep(registry, row(number, birth_date="02/05/2010"))
        await keep(registry, row(number, birth_date=birth))
        await keep(registry, row(number, birth_date=birth, status_from="10/02/2023", status="addict"))
    # Then a clerk finds no pair, and an official, who reads them, is told what speaks against one person
    assert await queue(registry) == []
    # (tokens of these tests do not say when somebody signed in)
    monkeypatch.setattr(readers, "guards_met", lambda *_: frozenset({"purpose", "step_up"}))
    official = COMMUNE | {"role": "official"}
    headers = registry.as_(**official) | FOR
    (pair,) = (await registry.client.get("/v1/review", headers=headers)).json()["pairs"]
    found = (await registry.client.get(f"/v1/review/{pair['id']}", headers=headers)).json()
    assert [each["rule"] for each in found["against"]] == ["review_births_differ"]
    assert all(side["values"]["full_name"] for side in found["sides"])
