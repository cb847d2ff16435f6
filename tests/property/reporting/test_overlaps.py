"""The sum of the parts against the distinct total: whatever the registers hold, the listed overlap is the difference."""

from datetime import date
from decimal import Decimal
from random import Random
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reference.figures import FIGURES, time_kind
from services.chassis.platform import Platform
from services.chassis.security.auth import Principal
from services.reporting.figures import Reader, RecordSight, snapshot
from services.reporting.figures.answering import answer, scope_of
from services.reporting.figures.definitions import DEFINITIONS
from services.reporting.figures.membership import members, total
from services.reporting.figures.overlap import overlap, repeated
from services.reporting.figures.questions import dimensions, parse_question
from services.reporting.figures.record_sight import Shown
from tests.property.reporting.registers import PERSONAL, Registers
from tests.property.reporting.test_figures_hold import wipe
from tests.support.reporting import NOW, fold

_LENIENT = settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
CUT = date(2025, 12, 14)
OFFICIAL = Reader.of(Principal("police:30", "30", "official", "a"), CUT)


class EveryRecord(RecordSight):
    """Of a reader who may know all records, which nobody may: what is listed is compared with what is counted."""

    def shown(self, record: UUID | str) -> Shown:
        """The record itself, whosever it is."""
        return "record"


@_LENIENT
@given(seed=st.integers(0, 2**32), geography=st.sampled_from([None, "2023-06-01", "2025-07-01"]))
async def test_what_is_listed_makes_exactly_the_difference(
    shared: Platform, seed: int, geography: str | None
) -> None:
    await wipe(shared)
    world = Registers(seed, 60, CUT)
    persons = [row for row in world.rows if row.form in PERSONAL]
    for one, other in zip(persons[::3], persons[1::3], strict=False):
        world.link(one, other, CUT)
    await fold(shared, world.messages)
    every = [(code, by) for code in DEFINITIONS for by in dimensions(FIGURES[code])]
    for code, by in Random(seed).sample(every, 30):
        stock = time_kind(FIGURES[code]) == "stock"
        given = {"as_of": CUT.isoformat()} if stock else {"from": "2022-01-01", "to": CUT.isoformat()}
        given |= {"by": by} | ({} if geography is None else {"geography": geography})
        question = parse_question(code, given, NOW)
        async with snapshot.reading(shared.uow) as (connection, _):
            shown = await answer(connection, question, NOW)
            document = await overlap(connection, question, await EveryRecord.of(connection, OFFICIAL))
            found = await members(connection, code, scope_of(question))
        about = (code, by, geography)
        assert document["overlap"] == shown["overlap"], about
        assert sum((one.extra for one in repeated(code, found)), Decimal()) == document["overlap"], about
        assert sum(row["value"] for row in shown["rows"]) == document["sum_of_rows"], about
        assert document["sum_of_rows"] - document["overlap"] == document["value"] == total(code, found), about
        assert sum(one["count"] for one in document["combinations"]) == document["repeated"], about
        assert len(document["records"]) == document["repeated"], about
