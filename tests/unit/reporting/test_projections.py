"""Projections: knowledge intervals, timelines, ages, human beings; without a database."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts.events.common import PersonKeys
from contracts.events.incidents import AreaClass
from contracts.events.registry import RegisterRow
from contracts.record_time import FOREVER, in_force, settle
from services.chassis.persistence.copying import lines
from services.reporting.facts.projections.ages import Age, age_of
from services.reporting.facts.projections.model import OPEN_END, Spell, Statement, Version
from services.reporting.facts.projections.persons import Edge, PersonRow, histories
from services.reporting.facts.projections.project import project
from services.reporting.facts.projections.timelines import TIMELINES

T0 = datetime(2023, 1, 1, tzinfo=UTC)
REF = "11111111-1111-4111-8111-111111111111"


def at(days: int) -> datetime:
    return T0 + timedelta(days=days)


def who(band: str = "30+", until: date | None = None, key: str = "k") -> PersonKeys:
    keys = {"nid12": key * 22}
    return PersonKeys.model_validate(
        {"ref": REF, "sex": "male", "age_band": band, "age_band_until": until, "keys": keys}
    )


def register(
    record: str, sequence: int, recorded: datetime, data: RegisterRow | None, event: int = 0
) -> Version:
    group = None if data is None else TIMELINES["registry"].group(data, "u")
    return Version(record, sequence, UUID(int=event), "registry", recorded, T0.date(), "u", group, data, None)


def row(status: str, since: date, **more: Any) -> RegisterRow:
    given = {"person": who(), "commune": "10513@2008", "status": status, "status_from": since, **more}
    return RegisterRow.model_validate(given)


def known(versions: list[Version]) -> list[tuple[int, int, int | None]]:
    """(sequence, known from, known to) in days; None = for ever."""
    return [
        (v.sequence, (start - T0).days, None if end == FOREVER else (end - T0).days)
        for v, start, end in in_force(settle(versions))
    ]


def test_a_version_is_known_until_the_first_record_time_of_any_later_one() -> None:
    user = row("user", date(2023, 1, 1))
    versions = [register("r", 1, at(1), user), register("r", 2, at(10), user), register("r", 3, at(5), user)]
    assert known(versions) == [(1, 1, 5), (3, 5, None)]
    assert known(versions[::-1]) == known(versions)


def test_events_of_one_hand_in_share_its_record_time_and_the_last_one_counts() -> None:
    user = row("user", date(2023, 1, 1))
    assert known([register("r", n, at(3), user) for n in (1, 2, 3)]) == [(3, 3, None)]


def test_of_two_events_with_one_sequence_the_smaller_id_wins_in_any_order() -> None:
    user = row("user", date(2023, 1, 1))
    twins = [register("r", 1, at(1), user, event=9), register("r", 1, at(2), user, event=4)]
    assert known(twins) == known(twins[::-1]) == [(1, 2, None)]


def test_a_row_that_a_later_version_repeats_stays_one_row() -> None:
    user = row("user", date(2023, 1, 1), presence="community")
    again = row("user", date(2023, 1, 1), presence="community", removal_reason=None)
    found = project([register("r", 1, at(1), user), register("r", 2, at(5), again)])
    assert [(type(k.row), k.known_from, k.known_to) for k in found] == [
        (Statement, at(1), FOREVER),
        (Spell, at(1), FOREVER),
    ]


def test_a_status_is_cut_by_the_next_one_only_from_the_moment_that_one_is_known() -> None:
    versions = [
        register("a", 1, at(1), row("user", date(2023, 1, 1))),
        register("b", 1, at(100), row("addict", date(2023, 2, 1))),
    ]
    spells = [
        (k.record_id, k.row.valid_to, k.known_from, k.known_to)
        for k in project(versions)
        if isinstance(k.row, Spell)
    ]
    assert sorted(spells) == [
        ("a", date(2023, 2, 1), at(100), FOREVER),
        ("a", OPEN_END, at(1), at(100)),
        ("b", OPEN_END, at(100), FOREVER),
    ]


def test_a_withdrawn_row_leaves_no_trace_after_its_withdrawal_and_a_row_written_again_returns() -> None:
    user = row("user", date(2023, 1, 1))
    versions = [register("a", 1, at(1), user), register("a", 2, at(5), None), register("a", 3, at(9), user)]
    assert [(k.known_from, k.known_to) for k in project(versions)] == [(at(1), at(5)), (at(9), FOREVER)]


def test_a_class_of_a_commune_ends_where_the_next_begins_whoever_writes_it() -> None:
    def graded(record: str, unit: str, grade: str, since: date) -> Version:
        given = {
            "commune": "10513@2008",
            "scheme": "public_order_risk",
            "area_class": grade,
            "valid_from": since,
        }
        data = AreaClass.model_validate(given)
        group = TIMELINES["area_classes"].group(data, unit)
        return Version(record, 1, UUID(int=1), "area_classes", T0, since, unit, group, data, None)

    found = project([graded("a", "x", "low", date(2022, 1, 1)), graded("b", "y", "high", date(2023, 1, 1))])
    spells = {k.record_id: k.row.valid_to for k in found if isinstance(k.row, Spell)}
    assert spells == {"a": date(2023, 1, 1), "b": OPEN_END}


@pytest.mark.parametrize(
    ("band", "until", "expected"),
    [
        ("0-13", date(2024, 5, 1), Age(date(2040, 5, 1))),
        ("0-13", date(2022, 3, 1), Age(date(2038, 3, 1))),
        ("14-15", date(2024, 5, 1), Age(date(2038, 5, 1))),
        ("14-15", date(2024, 2, 29), Age(date(2038, 3, 1), leap_day=True)),
        ("16-17", date(2024, 5, 1), Age(date(2036, 5, 1))),
        ("18-29", date(2024, 5, 1), Age(date(2024, 5, 1))),
        ("30+", None, Age()),
    ],
)
def test_the_thirtieth_birthday_follows_from_the_end_of_any_band(
    band: str, until: date | None, expected: Age
) -> None:
    version = register("r", 1, at(1), row("user", date(2023, 1, 1), person=who(band, until)))
    assert age_of(version, []) == expected


def test_what_an_earlier_version_says_of_the_age_holds_for_the_same_identity_only() -> None:
    young = register("r", 1, at(1), row("user", date(2023, 1, 1), person=who("18-29", date(2022, 5, 1))))
    older = register("r", 2, at(2), row("user", date(2023, 1, 1), person=who()))
    other = replace(older, data=row("user", date(2023, 1, 1), person=who(key="x")))
    assert age_of(older, [young]) == Age(date(2022, 5, 1))
    assert age_of(other, [young]) == Age()


def test_a_human_being_goes_by_the_reference_that_was_linked_first() -> None:
    edges = [Edge("b", "t", at(1), FOREVER), Edge("a", "t", at(2), FOREVER), Edge("c", "t", at(3), FOREVER)]
    expected = [PersonRow("a", "b", at(2), FOREVER), PersonRow("c", "b", at(3), FOREVER)]
    assert sorted(histories(edges)) == sorted(histories(edges[::-1])) == expected


def test_components_come_apart_when_the_edge_between_them_ends() -> None:
    edges = [
        Edge("a", "t", at(1), FOREVER),
        Edge("b", "t", at(1), at(9)),
        Edge("b", "u", at(1), FOREVER),
        Edge("c", "u", at(1), FOREVER),
    ]
    assert sorted(histories(edges)) == [
        PersonRow("b", "a", at(1), at(9)),
        PersonRow("c", "a", at(1), at(9)),
        PersonRow("c", "b", at(9), FOREVER),
    ]


def test_an_edge_that_was_never_known_links_nobody() -> None:
    assert histories([Edge("a", "t", at(1), FOREVER), Edge("b", "t", at(5), at(5))]) == []


def test_copy_text_escapes_what_copy_reads_as_structure() -> None:
    found = lines([("a\tb\\c\nd\re", None, True, 7, date(2023, 1, 2), "phường Hải Dương")])
    assert found == "a\\tb\\\\c\\nd\\re\t\\N\tt\t7\t2023-01-02\tphường Hải Dương\n"
