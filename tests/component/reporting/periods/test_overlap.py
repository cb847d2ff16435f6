"""The sum of parts against the distinct total: the overlap is listed, not hidden."""

from datetime import date
from typing import Any

import pytest

from reference.figures import FIGURES
from services.chassis.platform import Platform
from services.chassis.problems import Problem
from services.chassis.security.auth import Principal
from services.reporting.figures import Reader, RecordSight, may_ask, snapshot
from services.reporting.figures.overlap import check_overlap, overlap
from services.reporting.figures.questions import parse_question
from tests.support.reporting import NOW, Log, ask, fold, named, person

POLICE = Reader.of(Principal("police:30", "30", "official", "a"), NOW.date())
DAY: dict[str, Any] = {"as_of": "2023-12-14", "by": "commune"}
A, B, C = "10513@2008", "10516@2008", "10546@2008"


async def found(platform: Platform, code: str, *, records: bool = True, **given: str) -> dict[str, Any]:
    question = parse_question(code, given, NOW)
    check_overlap(question)
    async with snapshot.reading(platform.uow) as (connection, _):
        sight = await RecordSight.of(connection, POLICE) if records else None
        return await overlap(connection, question, sight)


def register(log: Log, number: str, human: str, commune: str, status: str = "addict") -> None:
    since = date(2023, 1, 1)
    log.write("registry", number, person=person(number), commune=commune, status=status, status_from=since)
    log.link(number, human, known=since)


def world() -> Log:
    """An in three communes, Bình in two, Cúc twice in one, Dũng once."""
    log = Log()
    for number, (human, commune) in enumerate(
        [("an", A), ("an", B), ("an", C), ("bình", A), ("bình", B), ("cúc", C), ("cúc", C), ("dũng", A)]
    ):
        register(log, f"{human} {number}", human, commune)
    return log


async def test_the_rows_add_up_to_the_total_and_what_is_listed(platform: Platform) -> None:
    await fold(platform, world().messages)
    document = await found(platform, "registry.addicts_with_file", **DAY)
    answer = await ask(platform, "registry.addicts_with_file", **DAY)
    assert (document["value"], document["sum_of_rows"], document["overlap"]) == (4, 7, 3)
    assert document["overlap"] == answer["overlap"]
    assert document["repeated"] == 2
    assert sum(len(one["rows"]) - 1 for one in document["records"]) == document["overlap"]
    together = {tuple(one["rows"]): one["count"] for one in document["combinations"]}
    assert together == {("10513", "10516", "10546"): 1, ("10513", "10516"): 1}
    assert document["combinations"][0]["names"][0].startswith("Phường")


async def test_records_behind_it_are_opaque_and_complete(platform: Platform) -> None:
    await fold(platform, world().messages)
    document = await found(platform, "registry.addicts_with_file", **DAY)
    an = document["records"][0]["records"]
    expected = {str(named(f"registry police:288 an {number}")) for number in range(3)}
    assert {record["record_id"] for record in an} == expected
    assert set(an[0]) == {"record_id", "row", "unit", "commune", "since", "until"}


async def test_who_may_not_see_records_gets_counts_and_the_reason(platform: Platform) -> None:
    await fold(platform, world().messages)
    document = await found(platform, "registry.addicts_with_file", records=False, **DAY)
    assert (document["overlap"], document["records"]) == (3, None)
    assert document["records_withheld"]["vi"]
    assert document["records_withheld"]["en"]


async def test_a_slip_with_two_substances_is_in_two_rows_once_each(platform: Platform) -> None:
    log = Log()
    for number, substances in enumerate((["heroin", "ma_dá"], ["heroin"], [])):
        log.write(
            "determination",
            f"slip {number}",
            person=person("an"),
            commune=A,
            facility="F1",
            clinician="c",
            requested_on=date(2023, 1, 1),
            concluded_on=date(2023, 1, 2),
            conclusion="addicted",
            substances=substances,
        )
    await fold(platform, log.messages)
    when: dict[str, Any] = {"from": "2023-01-01", "to": "2023-12-31", "by": "substance"}
    slips = await found(platform, "determination.slips", **when)
    assert (slips["value"], slips["sum_of_rows"], slips["overlap"], slips["repeated"]) == (3, 4, 1, 1)
    people = await found(platform, "determination.concluded", **when)
    assert (people["value"], people["overlap"], people["records"][0]["rows"]) == (
        1,
        2,
        ["heroin", "ma_dá", "unknown"],
    )


async def test_an_overlap_follows_the_hierarchy_asked(platform: Platform) -> None:
    log = Log()
    register(log, "1", "an", "10513@2008")
    register(log, "2", "an", "10516@2008")
    await fold(platform, log.messages)
    asked: dict[str, Any] = DAY | {"geography": "2025-07-01"}
    assert (await found(platform, "registry.addicts_with_file", **DAY))["overlap"] == 1
    # Ngọc Châu and Quang Trung became one ward.
    assert (await found(platform, "registry.addicts_with_file", **asked))["overlap"] == 0


@pytest.mark.parametrize(
    ("code", "given", "field", "rule"),
    [
        ("registry.users", {"as_of": "2023-01-01"}, "by", "overlap_needs_by"),
        ("areas.drug_hot", {"as_of": "2023-01-01", "by": "area"}, "figure", "overlap_of_no_rows"),
        (
            "registry.users_with_decision_pct",
            {"as_of": "2023-01-01", "by": "area"},
            "figure",
            "overlap_of_no_rows",
        ),
    ],
)
def test_what_has_no_overlap_is_refused_with_the_reason(
    code: str, given: dict[str, str], field: str, rule: str
) -> None:
    with pytest.raises(Problem) as refused:
        check_overlap(parse_question(code, given, NOW))
    assert [(fault.field, fault.rule) for fault in refused.value.faults] == [(field, rule)]


@pytest.mark.parametrize(
    ("unit", "role", "sees"),
    [
        ("police:30", "official", True),
        ("police:288", "official", False),
        ("health:30", "official", False),
        ("committee:30", "official", False),
        ("committee:30", "admin", False),
        ("committee:30", "clerk", False),
        ("committee:30", "analyst", False),
    ],
)
def test_records_are_for_officials_of_the_owner_in_their_area(unit: str, role: Any, sees: bool) -> None:
    question = parse_question("registry.users", {"as_of": "2023-01-01", "by": "area"}, NOW)
    owner = {FIGURES["registry.users"].owner_on(question.day)}
    asking = Reader.of(Principal(unit, "30", role, "x"), NOW.date(), met=frozenset({"purpose"}))
    assert (may_ask(asking, question) and asking.lists("check", owner, owner)) is sees
