"""The short ways of the fold come to what the plain ones come to: in the rows of one generation, and in the tables."""

import json
from collections import defaultdict
from datetime import date, datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlalchemy import text

from contracts.record_time import FOREVER, supersedes
from services.chassis.kafka.delivery import Delivered, receive
from services.chassis.platform import Platform
from services.reporting.facts import messages, repository
from services.reporting.facts.messages import read
from services.reporting.facts.projections.ages import UNKNOWN, age_of
from services.reporting.facts.projections.model import Known, ProjectedRow, Version
from services.reporting.facts.projections.project import project
from services.reporting.facts.projections.records import ALONE
from services.reporting.facts.projections.timelines import TIMELINES
from services.reporting.facts.shape import FOLDED
from tests.property.reporting.registers import Registers
from tests.property.reporting.test_figures_hold import wipe
from tests.support.reporting import fold

CUT = date(2025, 12, 14)


def written(seed: int, count: int) -> list[Delivered]:
    """Registers with corrections, withdrawals, links, rival events of one sequence, and what strangers write otherwise."""
    made, draw = Registers(seed, count, CUT), Random(seed)
    for _ in range(count):
        row = draw.choice(made.rows)
        later = row.recorded + timedelta(days=draw.randint(0, 40))
        if draw.random() < 0.7:
            made.change(row, later)
        else:
            made.withdraw(row, later)
    people = [row for row in made.rows if row.human is not None]
    for _ in range(count // 4):
        one, other = draw.sample(people, 2)
        made.link(one, other, max(one.recorded, other.recorded))
    found = list(made.log.messages)
    return found + [strange(draw, message) for message in draw.sample(found, count // 3)]


def strange(draw: Random, message: Delivered) -> Delivered:
    event = orjson.loads(message.value)
    event["id"] = str(UUID(int=draw.getrandbits(128), version=4))
    event["sequence"] = str(int(event["sequence"]) + draw.choice((0, 0, 1, 2)))
    event["data"]["unheard_of"] = [1.5, "á"]
    value = json.dumps(event, indent=draw.choice((None, 1))).encode()
    found = receive(message.topic, 0, 0, None, value, (), 0)
    assert isinstance(found, Delivered)
    return found


@pytest.mark.parametrize("seed", range(6))
def test_rows_are_those_of_the_versions_known_at_each_instant(seed: int) -> None:
    read_ones = [read(message) for message in written(seed, 60)]
    versions = [version for version in read_ones if isinstance(version, Version)]
    Random(seed).shuffle(versions)
    assert sorted(project(versions), key=repr) == sorted(plainly(versions), key=repr)


def plainly(versions: list[Version]) -> list[Known]:
    """The rows at every instant at which anything was recorded, one after the other; what goes on is one row."""
    best: dict[tuple[str, int], Version] = {}
    for version in versions:
        key = (version.record_id, version.sequence)
        if key not in best or supersedes(version, best[key]):
            best[key] = version
    instants = [*sorted({version.recorded_at for version in best.values()}), FOREVER]
    since: dict[tuple[str, ProjectedRow], datetime] = {}
    done: list[Known] = []
    for start, end in pairwise(instants):
        rows = _rows_at(start, list(best.values()))
        done += [
            Known(row, record, begun, start)
            for (record, row), begun in since.items()
            if (record, row) not in rows
        ]
        since = {known: since.get(known, start) for known in rows}
        if end == FOREVER:
            done += [Known(row, record, begun, end) for (record, row), begun in since.items()]
    return done


def _rows_at(instant: datetime, best: list[Version]) -> set[tuple[str, ProjectedRow]]:
    newest: dict[str, Version] = {}
    for version in sorted(best, key=lambda version: version.sequence):
        if version.recorded_at <= instant:
            newest[version.record_id] = version
    there = [version for version in newest.values() if version.data is not None]
    rows = {(each.record_id, row) for each in there for row in ALONE[each.form](each, _age(each, best))}
    groups: dict[str, list[Version]] = defaultdict(list)
    for version in there:
        if version.group is not None:
            groups[version.group].append(version)
    for group, members in groups.items():
        timeline = TIMELINES[group.partition(":")[0]]
        for version, start, end in timeline.ends(members):
            rows.add((version.record_id, timeline.spell(version, _age(version, best), start, end)))
    return rows


def _age(version: Version, best: list[Version]) -> Any:
    if not hasattr(version.data, "person"):
        return UNKNOWN
    same = [
        other for other in best if other.record_id == version.record_id and other.sequence < version.sequence
    ]
    return age_of(version, sorted(same, key=lambda other: other.sequence))


async def test_tables_are_those_of_models_and_text_whatever_the_order_and_the_batches(
    shared: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given what the fold makes of events that only models read, written as text, in one batch
    log, draw = written(138, 50), Random(138)
    with monkeypatch.context() as plain:
        plain.setattr(messages, "quick_event", lambda *_: None)
        plain.setattr(messages, "quick_data", lambda *_: None)
        plain.setattr(repository, "_ENCODERS", dict.fromkeys(repository._ENCODERS))
        await wipe(shared)
        await fold(shared, log)
        expected = await tables(shared)
    # When the same events come in another order, some again, in other batches
    await wipe(shared)
    again = [*log, *draw.sample(log, 20)]
    draw.shuffle(again)
    await fold(shared, again, batch=45)
    # Then the tables hold the same
    assert await tables(shared) == expected
    assert all(expected[name] for name in ("version_replaced", "link", "person", "spell", "fact", "presence"))


async def tables(platform: Platform) -> dict[str, list[str]]:
    """Every row of every table that the fold writes; of the watermark not how many batches there were."""
    async with platform.uow() as session:
        found = {
            name: list(await session.scalars(text(f"SELECT t::text FROM g1.{name} t ORDER BY 1")))
            for name in sorted(FOLDED - {"watermark"})
        }
        seen = text("SELECT concat(first_recorded_at, ' ', last_recorded_at) FROM g1.watermark")
        return found | {"watermark": list(await session.scalars(seen))}
