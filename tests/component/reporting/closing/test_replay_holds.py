"""What a closing knew stays what it knew, whatever arrives afterwards and however often the log is read again."""

from collections.abc import Callable, Mapping
from datetime import date
from random import Random
from typing import Any
from uuid import UUID

import orjson
import pytest

from services.chassis.kafka.delivery import Delivered, receive
from services.chassis.persistence import raw
from services.reporting.facts import generations
from services.reporting.facts.late_arrivals import note_read_anew
from tests.component.reporting.closing.conftest import Office
from tests.support.reporting import CHI_LINH, Log, fold, listed

SINCE = date(2023, 2, 1)
FIRST = "00000000-0000-7000-8000-000000000001"
LAST = "ffffffff-ffff-7fff-bfff-ffffffffffff"


def register() -> Log:
    """Three users, two of whom are one human being, and an addict; one of them was corrected."""
    log = Log()
    for name in ("an", "binh", "chi"):
        listed(log, name, "user", SINCE)
    listed(log, "dung", "addict", SINCE, presence="community", commune=CHI_LINH)
    listed(log, "an", "user", SINCE, commune=CHI_LINH)
    log.link("binh", "one", known=date(2023, 3, 1))
    log.link("chi", "one", known=date(2023, 3, 1))
    return log


def forged(message: Delivered, **changes: Any) -> Delivered:
    """The message with other attributes, as whoever can write to the topic may send it."""
    document = orjson.loads(message.value) | changes
    made = receive(message.topic, 0, 0, message.key, orjson.dumps(document), (), 1)
    assert isinstance(made, Delivered)
    return made


def attribute(message: Delivered, name: str) -> Any:
    return orjson.loads(message.value)[name]


Poison = Callable[[list[Delivered]], list[Delivered]]
STRANGE = "99999999-9999-7999-8999-999999999999"
POISON: Mapping[str, Poison] = {
    "the id of a known event for another record": lambda known: [
        forged(one, id=attribute(other, "id"), subject=str(UUID(int=n + 1)))
        for n, (one, other) in enumerate(zip(known, reversed(known), strict=True))
    ],
    "the id of a known event for the next version": lambda known: [
        forged(one, sequence=str(int(attribute(one, "sequence")) + 5)) for one in known
    ],
    "the id of a known event in a voiding": lambda known: [
        forged(known[0], id=attribute(known[1], "id"), sequence="9", type="registry.record.voided.v1",
               data={"form": "registry", "reason": "mistake"})
    ],
    "the same event with other content": lambda known: [
        forged(known[0], data=attribute(known[0], "data") | {"status": "addict"})
    ],
    "a rival of the same version with a smaller id": lambda known: [
        forged(one, id=f"{FIRST[:-2]}{n:02}", recordedtime="2001-01-01T00:00:00Z")
        for n, one in enumerate(known)
    ],
    "a rival of the same version with a greater id": lambda known: [
        forged(one, id=f"{LAST[:-2]}{n:02}") for n, one in enumerate(known)
    ],
    "a version from before everything": lambda known: [
        forged(known[0], id=FIRST, sequence="7", recordedtime="1990-01-01T00:00:00Z")
    ],
    "a record of the far future with the greatest id": lambda known: [
        forged(known[0], id=LAST, subject=STRANGE, recordedtime="2900-01-01T00:00:00Z")
    ],
    "links of known ids that part what was one": lambda known: [
        forged(known[-1], id=attribute(known[0], "id"), sequence="8", type="registry.person.unlinked.v1"),
        forged(known[-2], sequence="8", type="registry.person.unlinked.v1"),
    ],
    "everything again": lambda known: [*known, *reversed(known)],
}  # fmt: skip


async def rebuilt(office: Office, messages: list[Delivered], live: int) -> int:
    """Another generation, folded from the messages in an order of its own, in place of the live one."""
    shuffled = list(messages)
    Random(live).shuffle(shuffled)
    async with office.platform.uow() as session:
        connection = await raw(session)
        number = await generations.ask(session, office.clock(), "test")
        await generations.begin(session, number, office.clock())
    await fold(office.platform, shuffled, batch=3, generation=number)
    async with office.platform.uow() as session:
        connection = await raw(session)
        await generations.add_indexes(connection, number)
        await note_read_anew(connection, live, number)
        await generations.switch(session, live, number, office.clock())
    return number


@pytest.mark.parametrize("kind", list(POISON))
async def test_a_replay_holds_through_poison_and_rebuilds(office: Office, kind: str) -> None:
    log = register()
    known = list(log.messages)
    await fold(office.platform, known)
    closings = [await office.close(figures="police")]
    poison = POISON[kind](known)
    await fold(office.platform, poison, batch=1)
    closings.append(await office.close(figures="police", period="2022"))
    messages, live = [*known, *poison], 1
    for _ in range(2):
        for closing in closings:
            found = await office.replay(closing)
            assert found["equal"], found["different"][:5]
        # Of one event with two contents the first counts, so a log that has both must be read in its order.
        whole = known + (poison if kind != "the same event with other content" else [])
        live = await rebuilt(office, whole, live)
        await fold(office.platform, messages, batch=2, generation=live)
    for closing in closings:
        found = await office.replay(closing)
        assert found["equal"], found["different"][:5]
