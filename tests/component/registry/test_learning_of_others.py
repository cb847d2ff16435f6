"""What one agency learns of another's person: the columns of ``sharing.csv``, by ties that follow from the records."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from contracts.forms import FORMS
from reference import authority, province
from reference.pack.authority import AuthorityTable
from services.chassis.persistence import migrations
from services.chassis.security import rights
from services.registry.consumers import CONSUMER
from tests.component.registry.support import Someone, arrest, hear, named, of_person, slip, void
from tests.component.registry.test_registry_over_http import COMMUNE, ELSEWHERE, FOR, ROW, own_rows
from tests.support.platform import settings_for
from tests.support.registers import Service

SAME = Someone("Phạm Văn Canary", date(1988, 5, 2), "030088004321")
OTHER = Someone("Lê Thị Khác", date(1990, 1, 1), "030190001111")


def methadone(record: str, who: Someone, **more: Any) -> dict[str, Any]:
    """An episode at a site."""
    data = {
        "form": "methadone",
        "commune": "10513@2008",
        "facility": "TT01",
        "enrolled_on": "2022-01-10",
        **more,
    }
    return of_person("treatment.methadone.corrected.v1", record, who, "TT01", data)


def detox(record: str, who: Someone, *, unit: str = "CSCN", **more: Any) -> dict[str, Any]:
    """A compulsory episode at a centre, unless said otherwise."""
    given = {"form": "detox", "commune": "10513@2008", "kind": "compulsory", "facility": "CSCN"}
    data = {**given, "admitted_on": "2021-02-01", **more}
    return of_person("treatment.detox.corrected.v1", record, who, unit, data)


def support(record: str, who: Someone, unit: str = "CSCN") -> dict[str, Any]:
    """Post-detox management."""
    data = {"form": "post_detox", "commune": "10513@2008", "from_on": "2023-02-01", "until_on": "2024-02-01"}
    return of_person("treatment.post_detox.corrected.v1", record, who, unit, data)


async def registered(registry: Service, *events: dict[str, Any]) -> str:
    """A person on the commune's register, and these events; the reference of the register's row."""
    answer = await registry.post_row("registry", ROW, **COMMUNE)
    assert answer.status_code == 201, answer.text
    rows = await own_rows(registry)
    await hear(registry.platform, rows, events)
    ref: str = rows[0]["data"]["person"]["ref"]
    return ref


async def learned(registry: Service, ref: object, caller: dict[str, str]) -> dict[str, list[Any]]:
    """What the caller learns, by form; its own rows tell nothing new."""
    answer = await registry.client.get(f"/v1/persons/{ref}", headers=registry.as_(**caller, **FOR))
    if answer.status_code == 404:
        return {}
    assert answer.status_code == 200, answer.text
    return {each["form"]: each["learned"] for each in answer.json()["records"] if not each["units"]}


ENDED = {"ended_on": "2022-06-01"}


@pytest.mark.parametrize(
    ("event", "form", "told"),
    [
        (methadone("m", SAME), "methadone", {"enrolled": "2022-01-10"}),
        (
            methadone("m", SAME, **ENDED, end_reason="terminated"),
            "methadone",
            # A site ends a treatment for tests, too: that it was stopped is all that leaves it.
            {"enrolled": "2022-01-10", "left": "2022-06-01", "reason_class": "stopped"},
        ),
        (
            methadone("m", SAME, **ENDED, end_reason="transferred", transferred_to="TT02"),
            "methadone",
            {"enrolled": "2022-01-10", "transferred": "2022-06-01", "reason_class": "transferred"},
        ),
        (
            detox("d", SAME, stages={"a": "2021-02-10", "b": "2021-03-10"}),
            "detox",
            {"admitted": "2021-02-01", "stage": "b"},
        ),
        (
            detox("d", SAME, ended_on="2022-01-31", end_reason="completed"),
            "detox",
            {"admitted": "2021-02-01", "ended": "2022-01-31", "reason": "completed"},
        ),
        (slip("s", SAME, hour=2), "determination", {"day": "2023-02-20", "conclusion": "addicted"}),
        (arrest("a", SAME, hour=1), "arrests", {"arrested": "2023-02-20"}),
    ],
)
async def test_the_commune_police_learn_the_listed_values_of_people_on_their_register(
    registry: Service, event: dict[str, Any], form: str, told: dict[str, Any]
) -> None:
    ref = await registered(registry, event)
    assert await learned(registry, ref, COMMUNE) == {form: [told]}
    # And the police beside it, who know the reference, learn nothing, not even that there is somebody
    assert await learned(registry, ref, ELSEWHERE) == {}


SITE = {"role": "clerk", "unit": "TT01", "area": "10513"}
CENTRE = {"role": "clerk", "unit": "CSCN", "area": "10513"}
STATION = {"role": "clerk", "unit": "health:10513", "area": "10513"}
LISTED = {"listed": True, "status": "user"}


@pytest.mark.parametrize(
    ("caller", "event"),
    [
        (SITE, methadone("m", SAME)),
        (CENTRE, detox("m", SAME)),
        (STATION, detox("m", SAME, kind="voluntary_home", unit="health:10513")),
    ],
)
async def test_who_treats_a_person_learns_that_the_police_list_has_him(
    registry: Service, caller: dict[str, str], event: dict[str, Any]
) -> None:
    # Given a person on the commune's register, whom a unit treats
    await registered(registry, event)
    # When that unit asks for its own patient, then it learns that he is listed and as what, not by whom and nothing else
    ref = named("ref m")
    assert await learned(registry, ref, caller) == {"registry": [LISTED]}
    # And another unit of the same kind learns nothing, nor does the same one once the treatment has ended
    others = {"TT01": "TT02", "CSCN": "CSCN2", "health:10513": "health:10516"}
    assert await learned(registry, ref, caller | {"unit": others[caller["unit"]]}) == {}
    ended = event | {"sequence": "2", "data": event["data"] | ENDED | {"end_reason": "completed"}}
    await hear(registry.platform, [ended])
    assert await learned(registry, ref, caller) == {}


async def test_who_determines_or_arrests_learns_nothing_of_the_police_list(registry: Service) -> None:
    await registered(registry, slip("s", SAME, hour=2), methadone("m", OTHER))
    # The site has the person's slip, and treats somebody else
    assert await learned(registry, named("ref s"), SITE) == {}
    assert await learned(registry, named("ref m"), SITE) == {}


async def test_nothing_is_learned_of_somebody_who_is_not_on_the_own_register(registry: Service) -> None:
    # Given a person on the commune's register, and a patient who lives in the commune and is not on it
    await registered(registry, methadone("m", OTHER), slip("s", OTHER, hour=2))
    # When the commune's police ask for the patient by reference, then there is nobody
    for record in ("m", "s"):
        assert await learned(registry, named(f"ref {record}"), COMMUNE) == {}


async def test_what_is_learned_is_listed_in_the_table_and_nothing_that_it_forbids(registry: Service) -> None:
    everything = [
        methadone("m", SAME, **ENDED, end_reason="transferred", transferred_to="TT02"),
        detox("d", SAME, stages={"a": "2021-02-10"}, ended_on="2022-01-31", end_reason="completed"),
        support("p", SAME),
        slip("s", SAME, hour=2),
        arrest("a", SAME, hour=1),
    ]
    ref = await registered(registry, *everything)
    rows = authority(frozenset(FORMS)).on("sharing", date(2023, 12, 20))
    listed = {row["form"]: set(row["learns"]) for row in rows if row["kind"] == "commune_police"}
    found = await learned(registry, ref, COMMUNE)
    assert found.keys() == listed.keys(), province().name
    for form, records in found.items():
        assert {name for record in records for name in record} <= listed[form]


async def test_the_committee_of_the_residence_learns_of_detox_of_those_whom_it_manages(
    registry: Service,
) -> None:
    # Given somebody whom the commune's committee manages after detox
    committee = {"role": "clerk", "unit": "committee:10513", "area": "10513"}
    episodes = [
        detox("d", SAME, ended_on="2022-01-31", end_reason="completed"),
        methadone("m", SAME),
        support("p", SAME, "committee:10513"),
    ]
    ref = await registered(registry, *episodes)
    # When it asks, then it learns of the detox and what follows from it, and neither of methadone nor of the register
    told = [
        {"admitted": "2021-02-01", "ended": "2022-01-31", "reason": "completed"},
        {"post_detox_duty": {"from": "2023-02-01", "until": "2024-02-01"}},
    ]
    assert await learned(registry, named("ref d"), committee) == {"detox": told}
    assert (await learned(registry, ref, committee)) == {}
    # And a committee that manages nobody learns nothing
    beside = {"role": "clerk", "unit": "committee:10516", "area": "10516"}
    assert await learned(registry, named("ref d"), beside) == {}


async def test_what_was_corrected_or_withdrawn_is_learned_no_more(registry: Service) -> None:
    # Given an episode that was told wrongly at first
    first = methadone("m", SAME)
    later = methadone("m", SAME, **ENDED, end_reason="completed") | {"sequence": "2"}
    ref = await registered(registry, first, later)
    told = {"enrolled": "2022-01-10", "left": "2022-06-01", "reason_class": "completed"}
    assert await learned(registry, ref, COMMUNE) == {"methadone": [told]}
    # When it is withdrawn, then there is nothing to learn
    withdrawn = void(later, hour=9)
    await hear(registry.platform, [withdrawn])
    assert await learned(registry, ref, COMMUNE) == {}


async def test_a_log_that_is_heard_again_tells_what_an_earlier_release_did_not_keep(
    registry: Service,
) -> None:
    # Given events that were heard by a release that kept nothing of them
    events = [methadone("m", SAME)]
    ref = await registered(registry, *events)
    rows = await own_rows(registry)
    async with registry.platform.uow() as session:
        await session.execute(text("DELETE FROM shared_version"))
    assert await learned(registry, ref, COMMUNE) == {}
    # When the owners send them again
    await hear(registry.platform, rows, events)
    # Then they are told
    assert await learned(registry, ref, COMMUNE) == {"methadone": [{"enrolled": "2022-01-10"}]}


def test_after_an_upgrade_the_log_is_heard_again_by_itself(new_database: Callable[[str], str]) -> None:
    # Given a database of before, whose index has heard some of the log and kept what it told then
    url = new_database("registry")
    settings = settings_for(url, service="registry")
    migrations.upgrade(settings, "services.registry", revision="0009_telling")
    with psycopg.connect(url) as connection:
        for consumer in (CONSUMER, "registry-submissions"):
            connection.execute(
                "INSERT INTO position (consumer, topic, partition, incarnation, next_offset)"
                " VALUES (%s, 'treatment.methadone', 0, 'epoch', 7)",
                (consumer,),
            )
        connection.execute(
            "INSERT INTO told_version (record_id, sequence, commune, told) VALUES (gen_random_uuid(), 1, 'c', '{}')"
        )
    # When the service is upgraded
    migrations.upgrade(settings, "services.registry")
    # Then the index begins anew, and nothing else does
    with psycopg.connect(url) as connection:
        positions = connection.execute(
            "SELECT consumer, next_offset FROM position ORDER BY consumer"
        ).fetchall()
        told = connection.execute("SELECT count(*) FROM shared_version").fetchone()
    assert dict(positions) == {CONSUMER: 0, "registry-submissions": 7}
    assert told == (0,)


async def test_which_reasons_are_told_as_one_class_is_the_provinces_to_say_by_date(
    registry: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a treatment that a site has ended, which the province tells as stopped
    ended = methadone("m", SAME, **ENDED, end_reason="terminated")
    ref = await registered(registry, ended)
    assert (await learned(registry, ref, COMMUNE))["methadone"][0]["reason_class"] == "stopped"
    # When its table says otherwise from a day on that has come, then that is told, of what was heard before, too
    table = authority(frozenset(FORMS))
    rows = tuple(replace(row, values={**row.values, "told": "other"}) for row in table.rows["classes"])
    changed = AuthorityTable({**table.rows, "classes": rows})
    monkeypatch.setattr(rights, "authority", lambda _: changed)
    rights.rights_on.cache_clear()
    try:
        assert (await learned(registry, ref, COMMUNE))["methadone"][0]["reason_class"] == "other"
    finally:
        rights.rights_on.cache_clear()
