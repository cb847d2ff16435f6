"""Rows that units invent about somebody, or have of somebody else: they tell nothing of another agency's records."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

import pytest

from tests.component.registry.conftest import NOW
from tests.component.registry.support import Someone, arrest, edges, hear, named, slip, void
from tests.component.registry.test_learning_of_others import (
    CENTRE,
    LISTED,
    SAME,
    SITE,
    STATION,
    detox,
    learned,
    methadone,
    support,
)
from tests.component.registry.test_registry_over_http import COMMUNE, ROW, own_rows
from tests.support.clock import FixedClock
from tests.support.registers import Service

COMMITTEE = {"role": "clerk", "unit": "committee:10513", "area": "10513"}
INVENTED = Someone("Nguyễn Thị Bịa", date(1971, 3, 4), SAME.national_id, "female")
"""Nobody, with the national ID of a real person."""
AWAY = "10516@2008"
TODAY, BEFORE = NOW, datetime(2023, 12, 19, 16, 59, tzinfo=UTC)
"""The instant of asking, and the last minute of the day before in Vietnam."""
METHADONE = {"methadone": [{"enrolled": "2022-01-10"}]}
DETOX = {
    "detox": [{"admitted": "2021-02-01"}, {"post_detox_duty": {"from": "2023-02-01", "until": "2024-02-01"}}]
}


async def listed(registry: Service, who: Someone, at: datetime, **more: str) -> str:
    """A row of the commune's police about somebody, handed in at the instant; its reference."""
    birth = who.birth.strftime("%d/%m/%Y") if isinstance(who.birth, date) else str(who.birth)
    sex = "Nữ" if who.sex == "female" else "Nam"
    row = {
        **ROW,
        "full_name": who.name,
        "birth_date": birth,
        "sex": sex,
        "national_id": who.national_id,
        **more,
    }
    answer = await registry.post_row("registry", row, **COMMUNE)
    assert answer.status_code == 201, answer.text
    rows = await own_rows(registry)
    await hear(registry.platform, rows, at=at)
    ref: str = rows[0]["data"]["person"]["ref"]
    return ref


def own_record(caller: dict[str, str], who: Someone) -> dict[str, Any]:
    """A record of the caller's own about somebody, of a form that ties it."""
    unit = caller["unit"]
    if unit == "TT01":
        return methadone("own", who)
    if unit == "CSCN":
        return detox("own", who)
    if unit == "health:10513":
        return detox("own", who, kind="voluntary_home", unit=unit)
    return support("own", who, unit)


def held_by_others(who: Someone) -> list[dict[str, Any]]:
    """What other agencies have of somebody in the commune."""
    return [methadone("m", who), slip("s", who, hour=2), detox("d", who), arrest("a", who, hour=1)]


async def test_police_learn_nothing_by_an_invented_name_with_a_strangers_national_id(
    registry: Service,
) -> None:
    # Given a patient, and a row of the commune's police that has his national ID alone
    await hear(registry.platform, held_by_others(SAME))
    ref = await listed(registry, INVENTED, BEFORE)
    # When they ask by their own row or by his, then they learn nothing
    assert await learned(registry, ref, COMMUNE) == {}
    for record in "msda":
        assert await learned(registry, named(f"ref {record}"), COMMUNE) == {}


@pytest.mark.parametrize("contradiction", ["name", "birth", "sex", "year alone", "national ID"])
async def test_a_row_that_contradicts_the_other_in_anything_ties_nothing(
    registry: Service, contradiction: str
) -> None:
    number = cast(str, SAME.national_id)
    given = {
        "name": Someone("Phạm Văn Khác", SAME.birth, number),
        "birth": Someone(SAME.name, date(1988, 5, 3), number),
        "sex": Someone(SAME.name, SAME.birth, number, "female"),
        "year alone": Someone(SAME.name, 1988, number),
        "national ID": Someone(SAME.name, SAME.birth, "030088009999"),
    }
    await hear(registry.platform, held_by_others(SAME))
    ref = await listed(registry, given[contradiction], BEFORE)
    assert await learned(registry, ref, COMMUNE) == {}


async def test_the_own_row_says_nothing_of_the_residence_in_the_others_record(registry: Service) -> None:
    # Given a user on the commune's register, whose other records name another commune, and one of them this one
    elsewhere = [
        methadone("m2", SAME, commune=AWAY, enrolled_on="2020-05-05"),
        detox("d", SAME, commune=AWAY),
    ]
    for event in (moved := slip("s", SAME, hour=2), arrested := arrest("a", SAME, hour=1)):
        event["data"]["commune"] = AWAY
    await hear(registry.platform, [*elsewhere, moved, arrested, methadone("m", SAME), support("p", SAME)])
    ref = await listed(registry, SAME, BEFORE)
    # When its police ask, then they learn of the one record; an arrest is told to whoever has him on the register
    told = await learned(registry, ref, COMMUNE)
    assert {form: records for form, records in told.items() if records} == {
        **METHADONE,
        "arrests": [{"arrested": "2023-02-20"}],
    }


async def test_of_two_records_under_one_reference_the_one_elsewhere_is_not_told(registry: Service) -> None:
    # Given a site that has had a patient twice, the second time living elsewhere
    again = methadone("m2", SAME, commune=AWAY, enrolled_on="2023-05-05")
    again["data"]["person"]["ref"] = str(named("ref m"))
    await hear(registry.platform, [methadone("m", SAME), again])
    ref = await listed(registry, SAME, BEFORE)
    assert await learned(registry, ref, COMMUNE) == METHADONE


async def test_management_after_detox_elsewhere_is_not_told_with_a_detox_here(registry: Service) -> None:
    away = support("p", SAME)
    away["data"]["commune"] = AWAY
    await hear(registry.platform, [detox("d", SAME), away])
    ref = await listed(registry, SAME, BEFORE)
    assert await learned(registry, ref, COMMUNE) == {"detox": DETOX["detox"][:1]}


async def test_a_row_of_today_tells_its_writer_nothing_before_tomorrow(registry: Service) -> None:
    # Given a row that was handed in today, and says of itself that it was recorded long ago
    await hear(registry.platform, held_by_others(SAME))
    ref = await listed(registry, SAME, TODAY, recorded_on="01/02/2023")
    assert await learned(registry, ref, COMMUNE) == {}
    # When the next day has begun in Vietnam, then it ties
    cast(FixedClock, registry.platform.clock).advance(timedelta(hours=14))
    assert (await learned(registry, ref, COMMUNE))["methadone"] == METHADONE["methadone"]


@pytest.mark.parametrize(
    ("caller", "told"),
    [(COMMITTEE, DETOX), (SITE, {"registry": [LISTED]}), (CENTRE, {"registry": [LISTED]}), (STATION, {"registry": [LISTED]})],
)  # fmt: skip
async def test_a_committee_and_health_units_learn_nothing_by_an_invented_row_or_one_of_today(
    registry: Service, caller: dict[str, str], told: dict[str, list[Any]]
) -> None:
    # Given somebody on the police register, and in detox with a duty afterwards, as far as this caller learns of that
    await listed(registry, SAME, BEFORE)
    if caller is COMMITTEE:
        await hear(registry.platform, [detox("d", SAME)])
    ref = named("ref own")
    # When the caller's own record names nobody with his national ID, then it learns nothing
    invented = own_record(caller, INVENTED)
    await hear(registry.platform, [invented], at=BEFORE)
    assert await learned(registry, ref, caller) == {}
    # Nor when it is corrected to his name today
    corrected = own_record(caller, SAME) | {"sequence": "2"}
    await hear(registry.platform, [corrected], at=TODAY)
    assert await learned(registry, ref, caller) == {}
    # But tomorrow, when it has stood, unless it is withdrawn
    clock = cast(FixedClock, registry.platform.clock)
    clock.advance(timedelta(days=1))
    assert await learned(registry, named("ref d") if caller is COMMITTEE else ref, caller) == told
    await hear(registry.platform, [void(corrected, hour=9)], at=clock())
    assert await learned(registry, named("ref d"), caller) == {}
    assert await learned(registry, ref, caller) == {}
    # And what is entered again on a day that began without it ties as little as a new row
    clock.advance(timedelta(days=1))
    await hear(registry.platform, [own_record(caller, SAME) | {"sequence": "4"}], at=clock())
    assert await learned(registry, ref, caller) == {}


async def test_an_end_of_treatment_that_is_taken_back_today_opens_nothing(registry: Service) -> None:
    await listed(registry, SAME, BEFORE)
    ended = methadone("own", SAME, ended_on="2022-06-01", end_reason="completed")
    await hear(registry.platform, [ended], at=BEFORE)
    await hear(registry.platform, [methadone("own", SAME) | {"sequence": "2"}], at=TODAY)
    assert await learned(registry, named("ref own"), SITE) == {}


async def answered(registry: Service, ref: str, caller: dict[str, str]) -> dict[str, Any]:
    """The whole answer to a look-up, without what differs between any two of them."""
    headers = registry.as_(**caller, **{"Khopso-Purpose": "inspection"})
    answer = await registry.client.get(f"/v1/persons/{ref}", headers=headers)
    found: dict[str, Any] = answer.json()
    return {name: value for name, value in found.items() if name != "correlationid"}


@pytest.mark.parametrize("at", [TODAY, BEFORE])
@pytest.mark.parametrize("exists", ["the number", "the number and the name elsewhere"])
async def test_an_invented_row_is_answered_alike_whether_somebody_has_its_national_id_or_nobody(
    registry: Service, at: datetime, exists: str
) -> None:
    # Given a row with an invented name and a guessed number, before anybody has it
    ref = await listed(registry, INVENTED, at)
    nobody = await answered(registry, ref, COMMUNE)
    assert [(one["form"], one["basis"], one["known_from"]) for one in nobody["records"]] == [
        ("registry", [], None)
    ]
    # When somebody has it, then the answer to who wrote the row is the same
    who = SAME if exists == "the number" else Someone("Vũ Thị Khác", date(1990, 7, 7), SAME.national_id)
    await hear(registry.platform, held_by_others(who))
    assert await answered(registry, ref, COMMUNE) == nobody


NUMBER = cast(str, SAME.national_id)
WRITTEN = {
    "one that contradicts the number": [INVENTED],
    "one that does not": [Someone("Phạm Văn Bịa", date(1988, 9, 9), NUMBER)],
    "two that agree with each other alone": [
        Someone(name, date(1988, 9, 9), NUMBER) for name in ("Phạm Văn Bịa", "Phạm Văn Chuyện")
    ],
    "five people": [Someone(f"Bịa {name}", date(1988, 9, 9), NUMBER) for name in "ABCDE"],
    "two that contradict each other": [
        Someone("Phạm Văn Bịa", date(1988, 9, 9), "142567890"),
        Someone("Lê Thị Chuyện", date(1978, 8, 8), "142567890", "female"),
    ],
}
"""Rows that the police of a commune write about one guessed national ID."""


@pytest.mark.parametrize("rows", WRITTEN)
async def test_what_waits_is_told_alike_whether_another_agency_has_the_national_id_or_nobody(
    registry: Service, rows: str
) -> None:
    """The checks list what waits, so it is all that they can tell (`tests/component/reporting/checks`)."""
    # Given rows about a guessed number, before anybody has it
    for row, who in enumerate(WRITTEN[rows]):
        await listed(registry, who, BEFORE, record_no=f"HS-{row}")
    nobody = {edge for edge in await edges(registry.platform) if edge.waits}
    assert len(nobody) == {"one that contradicts the number": 1, "two that contradict each other": 2}.get(
        rows, 0
    )
    # When others have it, who contradict the rows in nothing, or in name, birth date and sex
    number = WRITTEN[rows][0].national_id
    other = Someone("Vũ Thị Khác", date(1990, 7, 7), number, "female")
    others = [methadone("m", Someone(SAME.name, SAME.birth, number)), slip("s", SAME, hour=2)]
    await hear(registry.platform, others, [detox("d", other)])
    # Then neither the writer's rows wait otherwise, nor those of the others
    assert {edge for edge in await edges(registry.platform) if edge.waits} == nobody


async def test_two_own_rows_are_not_joined_by_a_record_that_their_unit_does_not_see(
    registry: Service,
) -> None:
    # Given a real patient without a row of this commune: his name in one row, a guess of his number in another
    await hear(registry.platform, [methadone("m", SAME, commune=AWAY)])
    ref = await listed(registry, Someone(SAME.name, SAME.birth), BEFORE)
    guess = await listed(registry, INVENTED, BEFORE, record_no="HS-GUESS")
    # When they are looked up, then each stands alone, as where the guess is wrong
    for asked in (ref, guess):
        found = (await answered(registry, asked, COMMUNE))["records"]
        assert [(one["ref"], one["basis"], one["known_from"]) for one in found] == [(asked, [], None)]


async def test_a_row_that_names_a_resident_rightly_and_stood_over_night_ties_and_each_unit_sees_who_looked(
    registry: Service,
) -> None:
    """What remains (docs/security.md): whoever knows name, birth date and sex writes such a row. Its measure is held here."""
    # Given people whom other units have, and a row of the commune's police that was written to learn of them
    await hear(registry.platform, held_by_others(SAME))
    ref = await listed(registry, SAME, BEFORE)
    # When its writer asks, then he learns; no answer is given without a look for every unit that he learnt from
    assert set(await learned(registry, ref, COMMUNE)) == {"methadone", "determination", "detox", "arrests"}
    looks = await registry.query("SELECT of_unit, unit, subject, form, purpose FROM look ORDER BY form")
    assert [tuple(look) for look in looks] == [
        ("police:30", "police:10513", "test-clerk", "arrests", "inspection"),
        ("TT01", "police:10513", "test-clerk", "determination", "inspection"),
        ("CSCN", "police:10513", "test-clerk", "detox", "inspection"),
        ("TT01", "police:10513", "test-clerk", "methadone", "inspection"),
    ]
    # And withdrawing the row afterwards takes back neither the looks nor the row's history
    rows = await own_rows(registry)
    row = {"record_no": ROW["record_no"], "status_from": ROW["status_from"], "void": "x"}
    assert (await registry.post_row("registry", row, **COMMUNE)).status_code == 200
    assert len(await registry.query("SELECT 1 FROM look")) == len(looks)
    assert len(await own_rows(registry)) == len(rows) + 1
