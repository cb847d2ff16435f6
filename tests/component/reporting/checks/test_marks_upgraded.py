"""Marks that a release has stored under their former names are the same marks afterwards, notes included."""

from datetime import UTC, date, datetime
from uuid import UUID

import psycopg
import pytest

from deploy.embedded.postgres import PostgresServer
from services.chassis.persistence import migrations, raw
from services.chassis.platform import Platform
from services.chassis.security import FieldCipher
from services.marks import Mark, MarkedList, Notes, marks_of
from tests.support.reporting import PASSWORD, ROLE, reporting_settings

MARKED, NOTED, RECORD = UUID(int=1), UUID(int=2), UUID(int=3)
TOLD = datetime(2026, 11, 29, 8, tzinfo=UTC)
ON = date(2026, 11, 28)


async def test_marks_of_a_release_are_there_after_the_upgrade(server: PostgresServer) -> None:
    # Given a database of 0.3.0 in which a line was assigned, and noted on
    url = server.ensure_service(ROLE, PASSWORD, "marks_before")
    settings = reporting_settings(url)
    migrations.upgrade(settings, "services.reporting", revision="0060_check_marks")
    sealed = FieldCipher.of(settings).encrypt("gọi lại".encode(), b"check note:" + NOTED.bytes)
    with psycopg.connect(url) as connection:
        for mark_id, kind, unit in ((MARKED, "assigned", "health:288"), (NOTED, "note", None)):
            connection.execute(
                "INSERT INTO check_mark VALUES (%s, 'methadone.not_listed', 'line', %s::jsonb, %s::jsonb,"
                " %s, %s, NULL, %s, %s, 'an', 'health:30')",
                (mark_id, f'["{RECORD}"]', '["10513@2008"]', kind, unit, ON, TOLD),
            )
        connection.execute("INSERT INTO check_note VALUES (%s, %s)", (NOTED, sealed))
    # When it comes up under the program of today
    migrations.upgrade(settings, "services.reporting")
    platform = Platform.of(settings)
    try:
        async with platform.uow() as session:
            connection_now = await raw(session)
            marked = await marks_of(
                connection_now, MarkedList("check", "methadone.not_listed", persons=True), None
            )
            texts = await Notes(FieldCipher.of(settings)).read(connection_now, marked.marks)
    finally:
        await platform.close()
    # Then both marks are on the line of the check, with the note
    records, areas = frozenset({RECORD}), frozenset({"10513@2008"})
    common = ("line", records, areas)
    assert marked.on("line", [RECORD]) == [
        Mark(MARKED, *common, "assigned", "health:288", None, ON, TOLD, "an", "health:30", noted=False),
        Mark(NOTED, *common, "note", None, None, ON, TOLD, "an", "health:30", noted=True),
    ]
    assert texts == {NOTED: "gọi lại"}
    # And no other list has them, and nobody can change them
    with psycopg.connect(url) as connection:
        kinds = connection.execute("SELECT DISTINCT list_kind FROM line_mark").fetchall()
        assert kinds == [("check",)]
        with pytest.raises(psycopg.errors.RestrictViolation):
            connection.execute("DELETE FROM line_mark")
