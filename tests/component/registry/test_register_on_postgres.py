"""The register of users and addicts through the intake engine: events, timelines, and no identity readable."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import text

from contracts.catalogue import parse_event
from contracts.events.registry import RegisterRow
from services.chassis.platform import Platform
from services.chassis.security.auth import Principal
from services.registers import HandIn, Intake, RawRow, Result
from services.registry.registers import REGISTERS

Values = dict[str, Any]

CLERK = Principal("police:10513", "10513", "clerk", "clerk-1")
OFFICE = Principal("police:288", "288", "clerk", "clerk-2")
ROW: Values = {
    "record_no": "HS-07",
    "full_name": "Phạm Văn Canary",
    "birth_date": "02/05/1988",
    "sex": "Nam",
    "national_id": "030088004321",
    "commune_code": "10513",
    "status": "user",
    "status_from": "10/01/2023",
}


class Office:
    """A clerk's desk: hands rows in and reads what was published."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.intake = Intake.of(self.platform, REGISTERS)

    async def hand_in(self, *rows: Values, unit: str | None = None, by: Principal = CLERK) -> Result:
        batch = HandIn(
            "registry",
            [RawRow(n, values) for n, values in enumerate(rows, 2)],
            unit=unit,
            correlation_id="desk-1",
        )
        async with self.platform.uow() as session:
            return await self.intake.hand_in(session, batch, by)

    async def accept(self, *rows: Values) -> Result:
        result = await self.hand_in(*rows)
        assert not result.faults, result.faults
        return result

    async def events(self) -> list[Any]:
        """The events published so far, each of the model of its type."""
        async with self.platform.uow() as session:
            rows = await session.execute(text("SELECT topic, payload FROM outbox ORDER BY id"))
            return [parse_event(topic, bytes(payload)) for topic, payload in rows]

    async def types(self) -> list[str]:
        return [event.type.split(".")[2] for event in await self.events()]


@pytest.fixture
def office(platform: Platform) -> Office:
    return Office(platform)


async def test_row_is_published_with_its_snapshot_and_no_identity(office: Office) -> None:
    await office.accept(
        ROW
        | {
            "decision_no": "QĐ-551",
            "decision_date": "11/01/2023",
            "presence": "community",
            "psychosis": "x",
            "psychosis_from": "12/01/2023",
        }
    )
    (event,) = await office.events()
    assert event.type == "registry.record.registered.v1"
    assert (event.unit, event.occurredon, event.sequence) == ("police:10513", date(2023, 1, 10), 1)
    assert event.data == RegisterRow(
        person=event.data.person,
        commune="10513@2008",
        status="user",
        status_from=date(2023, 1, 10),
        has_decision=True,
        decision_date=date(2023, 1, 11),
        presence="community",
        presence_from=date(2023, 1, 10),
        psychosis=True,
        psychosis_from=date(2023, 1, 12),
    )
    assert event.partitionkey == str(event.data.person.ref)


async def test_rows_of_a_number_in_one_file_tell_a_timeline_of_one_person(office: Office) -> None:
    await office.accept(
        ROW | {"status": "addict", "status_from": "01/06/2023", "presence": "detained"},
        ROW | {"presence": "community"},
        ROW | {"status": "addict", "status_from": "01/03/2023", "presence": "community"},
        ROW | {"status": "addict", "status_from": "01/09/2023", "removed_on": "02/10/2023"},
        ROW | {"status": "user", "status_from": "01/11/2023"},
        ROW | {"record_no": "HS-08"},
    )
    events = await office.events()
    assert await office.types() == [
        "presence_changed",
        "registered",
        "status_changed",
        "status_changed",
        "removed",
        "registered",
        "registered",
    ]
    assert len({event.data.person.ref for event in events[:-1]}) == 1
    assert events[-1].data.person.ref != events[0].data.person.ref


async def test_later_file_is_told_by_the_rows_already_kept(office: Office) -> None:
    await office.accept(ROW | {"presence": "community"})
    await office.accept(ROW | {"status_from": "01/05/2023", "presence": "absent"})
    await office.accept(ROW | {"status_from": "01/07/2023", "status": "addict"})
    assert await office.types() == ["registered", "presence_changed", "status_changed"]


async def test_withdrawn_row_stands_as_if_never_written_for_those_after_it(office: Office) -> None:
    await office.accept(ROW)
    await office.accept({"record_no": "HS-07", "status_from": "10/01/2023", "void": "x"})
    await office.accept(ROW | {"status_from": "01/05/2023", "status": "addict"})
    assert await office.types() == ["registered", "voided", "registered"]


async def test_removal_filled_in_later_is_removal_and_nothing_else(office: Office) -> None:
    await office.accept(ROW, ROW | {"status_from": "01/05/2023", "status": "addict"})
    gone = {"status_from": "01/05/2023", "status": "addict", "removed_on": "01/08/2023"}
    result = await office.accept(ROW | gone | {"removal_reason": "chuyển nơi cư trú"})
    assert (result.count("corrected"), await office.types()) == (
        1,
        ["registered", "status_changed", "removed"],
    )
    last = (await office.events())[-1]
    assert (last.occurredon, last.data.removed_on, last.data.removal_reason) == (
        date(2023, 8, 1),
        date(2023, 8, 1),
        None,
    )


async def test_row_and_its_removal_in_one_file_report_the_entry_once(office: Office) -> None:
    second = ROW | {"status_from": "01/05/2023", "status": "addict"}
    await office.accept(ROW, second, second | {"removed_on": "01/08/2023"})
    assert await office.types() == ["registered", "status_changed", "removed"]


async def test_same_file_again_changes_nothing_and_another_value_is_a_correction(office: Office) -> None:
    second = {"status_from": "01/05/2023", "status": "addict", "presence": "community"}
    rows = [ROW, ROW | second | {"recorded_on": "02/05/2023"}]
    await office.accept(*rows)
    again = await office.accept(*rows)
    assert (again.count("unchanged"), len(await office.events())) == (2, 2)
    await office.accept(rows[1] | {"presence": "absent", "recorded_on": "01/12/2023"})
    corrected = (await office.events())[-1]
    assert (corrected.type, corrected.sequence) == ("registry.record.corrected.v1", 2)
    assert corrected.recordedtime == datetime(2023, 11, 30, 17, tzinfo=UTC)


async def test_date_before_birth_is_named_and_good_rows_of_the_file_stand(office: Office) -> None:
    result = await office.hand_in(
        ROW, ROW | {"record_no": "HS-09", "presence": "absent", "presence_from": "01/05/1988"}
    )
    assert [(fault.row, fault.field, fault.rule) for fault in result.faults] == [
        (3, "presence_from", "order")
    ]
    assert (result.count("accepted"), result.count("refused")) == (1, 1)


async def test_two_units_keep_the_same_number_apart(office: Office) -> None:
    await office.hand_in(ROW, unit="police:10513")
    await office.hand_in(ROW | {"status_from": "01/05/2023"}, unit="police:10516", by=OFFICE)
    first, second = await office.events()
    assert {first.type, second.type} == {"registry.record.registered.v1"}
    assert first.data.person.ref != second.data.person.ref


async def test_no_identity_is_readable_in_the_database_or_on_the_bus(office: Office) -> None:
    await office.accept(ROW | {"decision_no": "QD-canary", "decision_date": "11/01/2023"})
    await office.accept(ROW | {"full_name": "Phạm Văn Canary Sửa", "decision_no": "QD-canary"})
    await office.accept({"record_no": "HS-07", "status_from": "10/01/2023", "void": "x"})
    identity = ["canary", "phạm", "030088004321", "1988-05-02", "02/05/1988"]
    async with office.platform.uow() as session:
        tables = (
            await session.execute(
                text("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
            )
        ).scalars()
        for table in tables.all():
            for content in (await session.execute(text(f"SELECT t::text FROM {table} t"))).scalars():
                plain = content.casefold().replace("qd-canary", "")
                assert not [each for each in identity if each in plain], table
                bare = plain.encode("unicode_escape").decode()
                assert b"canary".hex() not in bare, table
    for event in await office.events():
        wire = event.model_dump_json().casefold()
        assert not [each for each in [*identity, "qd-canary"] if each in wire]
