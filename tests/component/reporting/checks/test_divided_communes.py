"""Lists of checks follow the addresses of people of divided communes as the figures do: one place, one answer."""

from datetime import date

import pytest

from services.chassis.platform import Platform
from services.reporting.checks.queries import listed, tally
from services.reporting.checks.requests import parse
from services.reporting.checks.rules import RULES
from services.reporting.figures import snapshot
from tests.component.reporting.checks.support import case, on_methadone, same, slip
from tests.support.reporting import LATER as AFTERWARDS
from tests.support.reporting import Log, fold, named, person, rows, value
from tests.support.reporting import listed as register

# Thống Nhất (Gia Lộc) was divided between Thạch Khôi and Yết Kiêu on 1 July 2025.
DIVIDED, THACH_KHOI, YET_KIEU = "11008@2008", "11002@2025", "11020@2025"
LOST = f"unattributed:{DIVIDED}"
THEN, NEW, LATER = {"as_of": "2023-12-14"}, {"geography": "2025-07-01"}, {"as_of": "2025-12-14"}
# A check that finds everybody whom a figure counts, since nobody here has what it asks for.
SAME = (
    ("registry.addict_without_slip", "registry.addicts_with_file"),
    ("registry.user_without_decision", "registry.users"),
    ("methadone.not_listed", "methadone.active"),
)


def written() -> Log:
    """Everybody lived in the commune that was divided; some have an address in its parts since, one elsewhere."""
    log = Log()
    for status in ("addict", "user"):
        for who in ("stays", "to Thạch Khôi", "to Yết Kiêu", "far away"):
            register(log, f"{status} {who}", status, date(2023, 1, 1), commune=DIVIDED)
    for who in ("stays", "to Thạch Khôi", "to Yết Kiêu", "far away"):
        on_methadone(log, f"patient {who}", date(2023, 1, 1), commune=DIVIDED)
    for group in ("addict", "user", "patient"):
        for where, commune in (
            ("to Thạch Khôi", THACH_KHOI),
            ("to Yết Kiêu", YET_KIEU),
            ("far away", "10546@2025"),
        ):
            log.write(
                "arrests",
                f"{group} {where}",
                person=person(f"{group} {where}"),
                commune=commune,
                case="1",
                arrested_on=date(2025, 9, 1),
            )
    return log


async def counted(platform: Platform, rule: str, **given: str) -> dict[str, int]:
    """A check's rows by commune that are not zero, after checking that its list is as long as its count."""
    asked = parse({**given, "by": "commune"}, AFTERWARDS)
    async with snapshot.reading(platform.uow) as (connection, _):
        found = await tally(connection, RULES[rule], asked.scope())
        assert found.count == len(await listed(connection, RULES[rule], asked.scope()))
    assert found.rows is not None
    return {row: number for row, number in found.rows.items() if number}


@pytest.mark.parametrize(("rule", "figure"), SAME)
@pytest.mark.parametrize("given", [THEN, THEN | NEW, LATER, LATER | {"geography": "2023-12-31"}])
async def test_a_check_that_finds_all_has_the_rows_of_the_figure(
    platform: Platform, rule: str, figure: str, given: dict[str, str]
) -> None:
    await fold(platform, written().messages)
    assert await counted(platform, rule, **given) == await rows(platform, figure, "commune", **given)


async def test_people_are_listed_in_the_part_where_they_live_since_and_the_rest_with_the_divided_commune(
    platform: Platform,
) -> None:
    await fold(platform, written().messages)
    rule = "registry.addict_without_slip"
    assert await counted(platform, rule, **THEN, **NEW) == {"11002": 1, "11020": 1, LOST: 2}
    asked = parse({**THEN, **NEW, "area": "11020"}, AFTERWARDS)
    async with snapshot.reading(platform.uow) as (connection, _):
        (found,) = await listed(connection, RULES[rule], asked.scope())
    assert found.subject == str(named("ref addict to Yết Kiêu"))
    assert [trace.area for trace in found.traces] == [DIVIDED], "the record itself says what it said"
    assert await value(platform, "registry.addicts_with_file", area="11020", **THEN, **NEW) == 1


async def test_an_address_of_another_record_of_the_same_human_being_is_followed_once_they_are_known_as_one(
    platform: Platform,
) -> None:
    log = Log()
    on_methadone(log, "an", date(2023, 1, 1), commune=DIVIDED)
    slip(log, "an in Yết Kiêu", date(2025, 9, 1), "addicted", commune=YET_KIEU)
    same(log, "an", "an in Yết Kiêu", known=date(2025, 10, 1))
    await fold(platform, log.messages)
    before = await counted(platform, "methadone.not_listed", known_at="2025-09-30", **THEN, **NEW)
    assert (before, await counted(platform, "methadone.not_listed", **THEN, **NEW)) == (
        {LOST: 1},
        {"11020": 1},
    )


async def test_records_of_a_person_follow_their_address_and_those_of_nobody_stay(platform: Platform) -> None:
    log = Log()
    on_methadone(log, "an", date(2023, 1, 1), commune=DIVIDED)
    slip(log, "an", date(2025, 9, 1), "addicted", commune=YET_KIEU)
    case(log, "1", date(2023, 1, 1), commune=DIVIDED)
    await fold(platform, log.messages)
    assert await counted(platform, "treatment.unknown_facility", **THEN, **NEW) == {"11020": 1}
    assert await counted(platform, "drug_cases.without_outcome", **THEN, **NEW) == {LOST: 1}
