"""A closed period, whatever is handed in later, with whatever record time, in whatever order."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from sqlalchemy import text

from contracts.envelope import start_of_day
from proof import read_json
from reference.pack.areas import area_book
from services.chassis.kafka.delivery import Delivered
from services.chassis.platform import Platform
from services.chassis.security.auth import Principal
from services.reporting.closing.ordering import Acceptance, Order
from services.reporting.closing.revising import revisions
from services.reporting.closing.usecases import close, replay, show
from services.reporting.facts.tables import GENERATION
from services.reporting.figures import Reader
from tests.property.reporting.world import Record, World, by_district, humans, worlds
from tests.support.clock import FixedClock
from tests.support.closings import private_pem
from tests.support.reporting import NOW, fold, queries_of

_LENIENT = settings(
    max_examples=15,
    deadline=None,
    # An example asks a whole province several times; making a failing one smaller would take an hour.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.function_scoped_fixture,
        HealthCheck.data_too_large,
    ],
)
OFFICIAL = Reader.of(Principal("committee:30", "30", "official", "b"), NOW.date())
LAST = date(2023, 3, 31)
CLOSED_AS_KNOWN = [None, "2023-04-10", "2023-03-31"]


@pytest.fixture(scope="session")
def office(shared: Platform) -> Platform:
    with_key = shared.settings.model_copy(update={"signing_key": SecretStr(private_pem())})
    return replace(shared, settings=with_key, clock=FixedClock(NOW))


async def wipe(platform: Platform) -> None:
    """An empty office. Its triggers let nobody do this; the test is the owner of the database."""
    frozen = ("closing", "closing_revision", "late_arrival")
    async with platform.uow() as session:
        for table in frozen:
            await session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        tables = ", ".join([*frozen, *(f"g1.{table.name}" for table in GENERATION.sorted_tables)])
        await session.execute(text(f"TRUNCATE {tables}"))
        for table in frozen:
            await session.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))


async def fold_in_parts(platform: Platform, messages: Sequence[Delivered], data: st.DataObject) -> None:
    borders = data.draw(st.lists(st.integers(0, len(messages)), max_size=3)) if messages else []
    start = 0
    for border in (*sorted(set(borders)), len(messages)):
        await fold(platform, messages[start:border])
        start = border


def heard_world(world: World, heard: Sequence[Delivered]) -> World:
    """The history as far as these events tell it: hand-ins that were not heard of never were, nor were links."""
    ids = {(message.document["subject"], message.document["sequence"]) for message in heard}
    linked = {
        message.document["data"]["ref"] for message in heard if message.type.startswith("registry.person.")
    }
    full = world.log().messages
    records = []
    at = 0
    for number, record in enumerate(world.records):
        kept = []
        for hand_in in record.hand_ins:
            event = full[at].document
            at += 1
            if (event["subject"], event["sequence"]) in ids:
                kept.append(hand_in)
            ref = (event["data"].get("person") or {}).get("ref")
            known_as = record.human if ref is None or ref in linked else None
        if kept:
            human = record.human if known_as is not None else _stranger(world, record, number)
            records.append(Record(record.form, record.name, record.ref, human, kept))
    return World(records)


def _stranger(world: World, record: Record, number: int) -> int:
    """Without its link nobody knows whose reference it is: a human being of its own, one for each reference."""
    refs = [other.ref for other in world.records]
    return 10_000 + (refs.index(record.ref) if record.ref else number)


def truth(world: World, at: Any) -> dict[tuple[str, str | None], int]:
    """Some figures of March 2023 by a plain reading of the history, as known at an instant; zeros left out."""
    rows = world.listed(LAST, at)
    users = [(record, row) for record, row in rows if row["status"] == "user"]
    addicts = [(record, row) for record, row in rows if row["status"] == "addict"]
    in_community = [
        (record, row) for record, row in addicts if world.presence(record.human, LAST, at) == "community"
    ]
    cases = [row for _, row in world.rows("drug_cases", at) if date(2023, 3, 1) <= row["detected_on"] <= LAST]
    found: dict[tuple[str, str | None], int] = {
        ("registry.users", None): humans(users),
        ("registry.addicts_with_file", None): humans(addicts),
        ("registry.addicts_in_community", None): humans(in_community),
        ("drug_cases.detected", None): len(cases),
        ("drug_cases.subjects", None): sum(row["subjects"] for row in cases),
    }
    for code, listed in (("registry.users", users), ("registry.addicts_with_file", addicts)):
        found |= {(code, district): count for district, count in by_district(listed).items()}
    for row in cases:
        for code, count in (("drug_cases.detected", 1), ("drug_cases.subjects", row["subjects"])):
            key = (code, district_of(row["commune"]))
            found[key] = found.get(key, 0) + count
    for district in ("288", "290"):
        there = [(record, row) for record, row in in_community if district_of(row["commune"]) == district]
        found["registry.addicts_in_community", district] = humans(there)
    return {key: count for key, count in found.items() if count}


def district_of(commune: str) -> str:
    book = area_book()
    return book.by_uid[book.by_uid[commune].parent_uid or ""].code


def cells(listed: Sequence[dict[str, Any]], name: str, codes: set[str]) -> dict[tuple[str, str | None], int]:
    return {
        (cell["figure"], cell["row"]): cell[name]
        for cell in listed
        if cell["figure"] in codes and cell["by"] in (None, "area") and cell[name]
        and not str(cell["row"]).startswith("unattributed")
    }  # fmt: skip


CHECKED = {
    "registry.users",
    "registry.addicts_with_file",
    "registry.addicts_in_community",
    "drug_cases.detected",
    "drug_cases.subjects",
}


@_LENIENT
@given(world=worlds(), known=st.sampled_from(CLOSED_AS_KNOWN), data=st.data())
async def test_replay_reproduces_a_closed_period_byte_for_byte_after_any_number_of_late_facts(
    office: Platform, world: World, known: str | None, data: st.DataObject
) -> None:
    """And the frozen figures, the revisions and their sums are what the history itself says."""
    written = world.log().messages
    messages = [written[at] for at in data.draw(st.permutations(range(len(written))))]
    cut = data.draw(st.integers(0, len(messages)))
    await wipe(office)
    await fold_in_parts(office, messages[:cut], data)
    queries = queries_of(office)
    order = Order(
        "civil", "2023-03", figures="police", known_at=known, accepted=Acceptance("Trần Thị Thử", "a drill")
    )
    sealed = await close(office, queries, OFFICIAL, order)
    closing = read_json(sealed)
    number = UUID(closing["id"])
    again = data.draw(st.lists(st.integers(0, len(messages) - 1), max_size=4))
    late = [*messages[cut:], *(messages[at] for at in again)]
    middle = data.draw(st.integers(0, len(late)))
    await fold_in_parts(office, late[:middle], data)
    other = await close(
        office,
        queries,
        OFFICIAL,
        Order("civil", "2023-03", figures="health", accepted=Acceptance("Trần Thị Thử", "a drill")),
    )
    await fold_in_parts(office, late[middle:], data)

    for document in (sealed, other):
        made = UUID(read_json(document)["id"])
        replayed = await replay(office, queries, OFFICIAL, made)
        assert (replayed["equal"], replayed["different"]) == (True, [])
        assert await show(office, queries, OFFICIAL, made) == document

    at = NOW if known is None else start_of_day(date.fromisoformat(known).replace(day=int(known[-2:]))).replace(
        hour=23, minute=59, second=59, microsecond=999_999
    )  # fmt: skip
    then = truth(heard_world(world, messages[:cut]), at)
    now = truth(world, NOW)
    assert cells(closing["cells"], "value", CHECKED) == then
    found, _ = await revisions(office, queries, OFFICIAL, number, None)
    changed = {key: (then.get(key, 0), now.get(key, 0)) for key in then.keys() | now.keys()}
    assert {
        (cell["figure"], cell["row"]): (cell["old"] or 0, cell["new"] or 0)
        for cell in found["cells"]
        if cell["figure"] in CHECKED and cell["by"] in (None, "area")
    } == {key: (old, new) for key, (old, new) in changed.items() if old != new}
    for cell in found["cells"]:
        if cell["additive"]:
            total = sum(float(cause["count"]) for cause in cell["causes"])
            assert total == float(cell["new"] or 0) - float(cell["old"] or 0), cell
            assert all(cause["reason"] != "unexplained" for cause in cell["causes"]), cell
            assert all(cause["events"] for cause in cell["causes"]), cell
