"""The timeline of a person: what units have on record about one human being, by when it happened and by when it was known."""

from typing import Any

import orjson

from contracts.forms import FORMS
from services.registry.chronology.domain import Milestone, of_register_row, of_shared
from tests.component.registry.support import arrest, hear, named, slip, void
from tests.component.registry.test_learning_of_others import detox, methadone, registered, support
from tests.component.registry.test_registry_over_http import COMMUNE, ELSEWHERE, FOR, ROW, SAME
from tests.support.page_tables import shown
from tests.support.registers import Service

Entry = tuple[str, str, str | None]


async def timeline(registry: Service, ref: object, **asked: str) -> dict[str, Any]:
    """The timeline as the commune's police see it."""
    answer = await registry.client.get(
        f"/v1/persons/{ref}/timeline", params=asked, headers=registry.as_(**COMMUNE, **FOR)
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def told(found: dict[str, Any]) -> list[Entry]:
    return [(each["form"], each["column"], each["day"]) for each in found["entries"]]


def corrected(event: dict[str, Any], hour: int, **data: Any) -> dict[str, Any]:
    """A slip told once more, with another conclusion or day."""
    again = slip("s", SAME, hour=hour, sequence=2)
    return again | {"data": {**event["data"], **data}}


async def test_own_rows_and_what_is_learned_of_others_are_one_story_by_day(registry: Service) -> None:
    # Given a person on the commune's register, in methadone treatment, in detox, determined and arrested
    ref = await registered(
        registry,
        methadone("m", SAME, ended_on="2022-06-01", end_reason="terminated"),
        detox("d", SAME, stages={"a": "2021-02-10"}),
        support("p", SAME),
        slip("s", SAME, hour=2),
        arrest("a", SAME, hour=1),
    )
    # When the police of the commune ask
    found = await timeline(registry, ref)
    # Then days of all registers stand in order, what is told without a day last
    assert told(found) == [
        ("detox", "admitted_on", "2021-02-01"),
        ("methadone", "enrolled_on", "2022-01-10"),
        ("methadone", "ended_on", "2022-06-01"),
        ("registry", "status_from", "2023-01-10"),
        ("post_detox", "from_on", "2023-02-01"),
        ("arrests", "arrested_on", "2023-02-20"),
        ("determination", "concluded_on", "2023-02-20"),
        ("post_detox", "until_on", "2024-02-01"),
        ("detox", "stage_a_on", None),
    ]
    of = {(each["form"], each["column"]): each for each in found["entries"]}
    # And the row of its own names unit and record; of others' neither is told, and reasons as a class
    own = of["registry", "status_from"]
    assert (own["unit"], own["said"]["status"], own["record"] is None) == ("police:10513", "user", False)
    left = of["methadone", "ended_on"]
    assert (left["unit"], left["record"], left["said"]) == (None, None, {"end_reason": "stopped"})
    assert of["determination", "concluded_on"]["said"] == {"conclusion": "addicted"}


async def test_what_was_believed_on_a_day_is_told_as_it_was_believed_then(registry: Service) -> None:
    # Given a slip of 1 March, 04:00 UTC, that was corrected two hours later
    first = slip("s", SAME, hour=2)
    ref = await registered(registry, first, corrected(first, 4, conclusion="not_addicted"))

    async def conclusions(**asked: str) -> list[tuple[str, str | None]]:
        entries = (await timeline(registry, ref, **asked))["entries"]
        return [
            (each["said"]["conclusion"], each["known_until"])
            for each in entries
            if each["form"] == "determination"
        ]

    # When asked as known before, between and after, and with all that was ever believed
    until = "2023-03-01T06:00:00Z"
    assert await conclusions(known_at="2023-03-01T10:00:00+07:00") == []
    assert await conclusions(known_at="2023-03-01T11:30:00+07:00") == [("addicted", until)]
    assert await conclusions(known_at="01/03/2023") == [("not_addicted", None)]
    assert await conclusions() == [("not_addicted", None)]
    assert await conclusions(history="true") == [("addicted", until), ("not_addicted", None)]
    # What came later is not told, either way
    early = {"known_at": "2023-03-01T11:30:00+07:00", "history": "true"}
    assert await conclusions(**early) == [("addicted", until)]
    # And the register's own row was not known then
    assert ("registry", "status_from", "2023-01-10") not in told(
        await timeline(registry, ref, known_at="2023-03-01")
    )


async def test_a_withdrawn_record_of_others_tells_nothing_and_an_own_one_until_when_it_stood(
    registry: Service,
) -> None:
    # Given an arrest that was withdrawn, and a row of the commune's own that is withdrawn after a second one came
    made = arrest("a", SAME, hour=1)
    ref = await registered(registry, made, void(made, hour=5))
    second = ROW | {"status": "addict", "status_from": "01/06/2023"}
    await registry.post_row("registry", second | {"recorded_on": "02/06/2023"}, **COMMUNE)
    await registry.post_row("registry", second | {"void": "x"}, **COMMUNE)
    events = await registry.query("SELECT payload FROM outbox WHERE topic = 'registry.records' ORDER BY id")
    await hear(registry.platform, [orjson.loads(bytes(payload)) for (payload,) in events])
    # When the police ask for everything ever believed
    found = await timeline(registry, ref, history="true")
    # Then the withdrawn arrest is told to nobody, and the withdrawn row has an end
    assert [entry for entry in told(found) if entry[0] == "arrests"] == []
    ends = {each["day"]: each["known_until"] is not None for each in found["entries"]}
    assert ends == {"2023-01-10": False, "2023-06-01": True}
    assert told(await timeline(registry, ref)) == [("registry", "status_from", "2023-01-10")]


async def test_nobody_is_told_more_by_the_timeline_than_by_the_person(registry: Service) -> None:
    ref = await registered(registry, slip("s", SAME, hour=2))
    for asked, caller, status in (
        (ref, ELSEWHERE, 404),
        (named("nobody"), COMMUNE, 404),
        (ref, {"role": "analyst", "unit": "committee:30"}, 403),
    ):
        answer = await registry.client.get(
            f"/v1/persons/{asked}/timeline", headers=registry.as_(**caller, **FOR)
        )
        assert answer.status_code == status
    # Without a purpose nothing is looked up; with one, the unit looked at sees it
    bare = await registry.client.get(f"/v1/persons/{ref}/timeline", headers=registry.as_(**COMMUNE))
    assert (bare.status_code, bare.json()["rule"]) == (403, "purpose_needed")
    assert await registry.query("SELECT 1 FROM look") == []
    await timeline(registry, ref)
    looks = await registry.query("SELECT of_unit, unit, form FROM look")
    assert [tuple(look) for look in looks] == [("TT01", "police:10513", "determination")]


async def test_an_instant_that_is_none_or_to_come_is_refused_with_the_field(registry: Service) -> None:
    for text, rule in (("yesterday", "known_at"), ("2031-01-01", "known_at_in_future")):
        answer = await registry.client.get(
            f"/v1/persons/{named('nobody')}/timeline",
            params={"known_at": text},
            headers=registry.as_(**COMMUNE, **FOR),
        )
        assert answer.status_code == 422
        assert [(each["field"], each["rule"]) for each in answer.json()["errors"]] == [("known_at", rule)]


async def test_the_page_asks_what_for_and_then_tells_the_newest_first(registry: Service) -> None:
    # Given a person with a slip that was corrected
    first = slip("s", SAME, hour=2)
    ref = await registered(registry, first, corrected(first, 4, conclusion="not_addicted"))

    async def page(status: int = 200, **asked: str) -> str:
        answer = await registry.client.get(
            f"/registry/persons/{ref}", params=asked, headers=registry.as_(**COMMUNE)
        )
        assert answer.status_code == status, answer.text
        return answer.text

    # When the page is opened without a purpose, then it asks for one and nothing is looked up
    assert shown(await page()).tables == {}
    assert await registry.query("SELECT 1 FROM look") == []
    # When one is chosen
    (rows,) = shown(await page(purpose="inspection")).tables.values()
    # Then what happened stands there in words, the newest first
    assert [row[0] for row in rows] == ["20/02/2023", "10/01/2023"]
    assert rows[0][2] == "Kết luận: Không nghiện"
    assert rows[1][3] == "Công an phường Ngọc Châu"
    # And with history what was corrected is there as well
    (rows,) = shown(await page(purpose="inspection", history="yes")).tables.values()
    assert [row[2] for row in rows[:2]] == ["Kết luận: Không nghiện", "Kết luận: Nghiện"]
    # And a day is taken as people type it
    (rows,) = shown(await page(purpose="inspection", known_at="01032023")).tables.values()
    assert [row[0] for row in rows] == ["20/02/2023"]
    # And a day that is none is said at its field
    assert 'id="known_at-fault"' in await page(422, purpose="inspection", known_at="32/13/2023")


async def test_the_record_of_a_person_leads_to_the_page(registry: Service) -> None:
    ref = await registered(registry)
    ((record,),) = await registry.query("SELECT record_id FROM record")
    answer = await registry.client.get(f"/registry/records/{record}", headers=registry.as_(**COMMUNE))
    assert f'href="/registry/persons/{ref}"' in answer.text


def test_every_milestone_is_dated_by_a_column_of_its_form() -> None:
    shared: dict[str, dict[str, Any]] = {
        "methadone": {"enrolled": "d", "left": "d", "transferred": "d", "reason_class": "completed"},
        "determination": {"day": "d", "conclusion": "addicted", "criteria_met": 3},
        "post_detox": {"post_detox_duty": {"from": "d", "until": "d"}},
        "registry": {"listed": True, "status": "user", "decision_day": "d"},
        "arrests": {"arrested": "d", "outcome": "pending"},
    }
    detoxes = [{"admitted": "d", "stage": letter, "ended": "d", "reason": "completed"} for letter in "abcde"]
    row = dict.fromkeys(FORMS["registry"].by_id, "d")
    told: list[Milestone] = [*of_register_row(row)]
    # A row that is not listed any more may have a planned end alone: that is no removal.
    assert of_shared("registry", {"listed": False}) == ()
    for form, values in [*shared.items(), *(("detox", each) for each in detoxes)]:
        told += of_shared(form, values)
    for each in told:
        columns = FORMS[each.form].by_id
        assert {each.column, *(name for name, _ in each.said)} <= columns.keys()
    assert len(told) > 20
