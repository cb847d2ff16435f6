"""Whatever the order, repetition and batches of the log: the same bytes, and what the history itself says."""

from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from contracts.envelope import start_of_day
from services.chassis.kafka.delivery import Delivered
from services.chassis.platform import Platform
from services.reporting.facts.tables import GENERATION
from services.reporting.figures import snapshot
from services.reporting.figures.answering import canonical
from services.reporting.figures.questions import parse_question
from tests.property.reporting.world import START, World, by_district, humans, worlds
from tests.support.reporting import LATER, ask, fold

_LENIENT = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
_moment = st.integers(0, 50)
_QUESTIONS: tuple[tuple[str, dict[str, str]], ...] = tuple(
    (code, {"by": by} if by else {})
    for code in (
        "registry.users",
        "registry.addicts_with_file",
        "registry.addicts_in_community",
        "registry.psychosis",
        "registry.addicts_with_slip_pct",
        "methadone.active",
        "methadone.left",
        "detox.in_facility",
        "determination.concluded",
        "drug_cases.without_outcome",
        "venues.watched",
        "hot_spots.eliminated",
        "areas.with_drug_problem",
    )
    for by in (None, "area")
)


async def wipe(platform: Platform) -> None:
    async with platform.uow() as session:
        tables = ", ".join(f"g1.{table.name}" for table in GENERATION.sorted_tables)
        await session.execute(text(f"TRUNCATE {tables}"))


async def folded(platform: Platform, messages: list[Delivered], borders: list[int]) -> None:
    await wipe(platform)
    start = 0
    for border in [*sorted({border for border in borders if 0 < border < len(messages)}), len(messages)]:
        await fold(platform, messages[start:border])
        start = border


async def everything(platform: Platform, day: date, known_at: datetime | None) -> list[bytes]:
    """The bytes of many answers."""
    found = []
    for code, extra in _QUESTIONS:
        asked: dict[str, str] = dict(extra)
        if code in (
            "methadone.left",
            "determination.concluded",
            "drug_cases.without_outcome",
            "hot_spots.eliminated",
        ):
            asked |= {"from": START.isoformat(), "to": day.isoformat()}
        else:
            asked |= {"as_of": day.isoformat()}
        if known_at is not None:
            asked["known_at"] = known_at.isoformat()
        document, _ = await snapshot.ask(platform.uow, parse_question(code, asked, LATER), LATER)
        found.append(canonical(document))
    return found


async def stored(platform: Platform) -> list[Any]:
    """Every row of the generation that figures are made of."""
    found: list[Any] = []
    async with platform.uow() as session:
        for table in ("version", "spell", "fact", "presence", "person"):
            rows = await session.execute(text(f"SELECT t::text FROM g1.{table} t ORDER BY 1"))
            found.append((table, rows.scalars().all()))
    return found


@_LENIENT
@given(world=worlds(), data=st.data())
async def test_any_permutation_duplication_and_split_gives_the_same_rows_and_bytes(
    shared: Platform, world: World, data: st.DataObject
) -> None:
    messages = world.log().messages
    day = START + timedelta(days=data.draw(_moment))
    await folded(shared, messages, [])
    first_rows, first = await stored(shared), await everything(shared, day, None)
    repeated = data.draw(st.lists(st.sampled_from(messages), max_size=6))
    shuffled = data.draw(st.permutations([*messages, *repeated]))
    await folded(shared, shuffled, data.draw(st.lists(st.integers(1, len(shuffled)), max_size=4)))
    assert await stored(shared) == first_rows
    assert await everything(shared, day, None) == first
    await fold(shared, messages)
    assert await stored(shared) == first_rows


@_LENIENT
@given(
    world=worlds(),
    days=st.lists(_moment, min_size=2, max_size=3),
    knowledge=st.lists(_moment, min_size=1, max_size=3),
)
async def test_figures_are_what_the_history_says_for_any_day_and_any_knowledge(
    shared: Platform, world: World, days: list[int], knowledge: list[int]
) -> None:
    await folded(shared, world.log().messages, [])
    first = min(record.first_recorded for record in world.records)
    for offset in days:
        day = START + timedelta(days=offset)
        for known in (None, *knowledge):
            at = first + timedelta(days=known, hours=7) if known is not None else None
            found = await _found(shared, day, at)
            assert found == _expected(world, day, at or start_of_day(date(2030, 1, 1))), (day, at)


async def _found(platform: Platform, day: date, at: datetime | None) -> dict[str, Any]:
    known = {} if at is None else {"known_at": at.isoformat()}
    on, during = {"as_of": day.isoformat()}, {"since": START.isoformat(), "to": day.isoformat()}

    async def of(code: str, **more: str) -> Any:
        return await ask(platform, code, **more, **known)

    def listed(document: dict[str, Any], by: str) -> dict[str, Any]:
        return {row[by]: row["value"] for row in document["rows"] if row["value"]}

    users = await of("registry.users", by="area", **on)
    left = await of("methadone.left", by="end_reason", **during)
    return {
        "users": users["value"],
        "users by district": listed(users, "area"),
        "presence": listed(await of("registry.addicts_with_file", by="presence", **on), "presence"),
        "in community": (await of("registry.addicts_in_community", **on))["value"],
        "psychosis": (await of("registry.psychosis", **on))["value"],
        "with slip": (await of("registry.addicts_with_slip", **on))["value"],
        "active": (await of("methadone.active", **on))["value"],
        "left": listed(left, "end_reason"),
        "in facility": (await of("detox.in_facility", **on))["value"],
        "concluded": (await of("determination.concluded", **during))["value"],
        "slips": (await of("determination.slips", **during))["value"],
        "without outcome": (await of("drug_cases.without_outcome", **during))["value"],
        "subjects": (await of("drug_cases.subjects", **during))["value"],
        "hot spots": (await of("hot_spots.open", **on))["value"],
        "eliminated": (await of("hot_spots.eliminated", **during))["value"],
        "drug problem": (await of("areas.with_drug_problem", **on))["value"],
    }


def _expected(world: World, day: date, at: datetime) -> dict[str, Any]:
    listed = world.listed(day, at)
    users = [(r, row) for r, row in listed if row["status"] == "user"]
    addicts = {r.human for r, row in listed if row["status"] == "addict"}
    presence: dict[str, int] = {}
    for human in addicts:
        state = world.presence(human, day, at)
        presence[state] = presence.get(state, 0) + 1
    methadone, detox = world.rows("methadone", at), world.rows("detox", at)
    slips = [(r, row) for r, row in world.rows("determination", at) if START <= row["concluded_on"] <= day]
    addicted = {r.human for r, row in slips if row["conclusion"] == "addicted"}
    cases = [(r, row) for r, row in world.rows("drug_cases", at) if START <= row["detected_on"] <= day]
    left: dict[str, set[int]] = {}
    for record, row in methadone:
        if row["ended_on"] and START <= row["ended_on"] <= day:
            left.setdefault(row["end_reason"] or "unknown", set()).add(record.human)
    hot_spots = [row for record, row in _watched(world, day, at) if row["kind"] == "hot_spot"]
    troubled = {row["commune"] for row in hot_spots} | {row["commune"] for _, row in cases}
    troubled |= {row["commune"] for _, row in listed}
    return {
        "users": humans(users),
        "users by district": by_district(users),
        "presence": presence,
        "in community": presence.get("community", 0),
        "psychosis": humans(
            [
                (r, row)
                for r, row in listed
                if row["psychosis"] and (row["psychosis_from"] or row["status_from"]) <= day
            ]
        ),
        "with slip": len(addicts & addicted),
        "active": humans([(r, row) for r, row in methadone if _holds(row, "enrolled_on", day)]),
        "left": {reason: len(found) for reason, found in left.items()},
        "in facility": humans(
            [
                (r, row)
                for r, row in detox
                if row["kind"] != "voluntary_home" and _holds(row, "admitted_on", day)
            ]
        ),
        "concluded": humans(slips),
        "slips": len(slips),
        "without outcome": sum(
            not any(row[name] and row[name] <= day for name in ("prosecuted_on", "administrative_on"))
            for _, row in cases
        ),
        "subjects": sum(row["subjects"] for _, row in cases),
        "hot spots": len(hot_spots),
        "eliminated": sum(
            row["kind"] == "hot_spot"
            and row["end_reason"] == "eliminated"
            and START <= row["valid_to"] <= day
            for _, row in world.rows("places", at)
        ),
        "drug problem": len(troubled),
    }


def _holds(row: dict[str, Any], since: str, day: date) -> bool:
    return bool(row[since] <= day and (row["ended_on"] is None or day < row["ended_on"]))


def _watched(world: World, day: date, at: datetime) -> list[tuple[Any, dict[str, Any]]]:
    rows = world.rows("places", at)
    return [
        (record, row)
        for record, row in rows
        if row["valid_from"] <= day
        and (row["valid_to"] is None or day < row["valid_to"])
        and not any(
            o["place"] == row["place"] and row["valid_from"] < o["valid_from"] <= day for _, o in rows
        )
    ]
