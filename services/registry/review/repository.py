"""All SQL of the review queue."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid5

from psycopg.types.json import Jsonb

from services.chassis.persistence import AsyncSession, raw
from services.registry.review.likeness import Compared

FORM = "registry"
Verdict = Literal["one", "two"]
KNOWN_CHANGED = "known_changed"
# Never to be changed: stored pairs would have other ids and be proposed a second time, decisions or not.
_PAIRS = UUID("8a4f5b0e-1d36-5c7a-a1c4-55e0d9b0c7f2")
_MOST_OF_A_BLOCK = 200
"""Most candidates that one way of looking brings: more would be namesakes without end, which no clerk can tell apart."""

_STANDING = """
SELECT DISTINCT ON (person_ref) person_ref, record_id, unit, area, content, identity
FROM record WHERE person_ref = ANY(%s::uuid[]) AND form = 'registry' AND NOT voided AND identity IS NOT NULL
ORDER BY person_ref, own_day DESC, record_id
"""
_LATEST = """
SELECT DISTINCT ON (person_ref) person_ref, record_id, unit, coalesce(area, (
        SELECT before.area FROM record_version AS before
        WHERE before.record_id = record.record_id AND before.area IS NOT NULL ORDER BY before.sequence DESC LIMIT 1
    )), content, identity, voided
FROM record WHERE person_ref = ANY(%s::uuid[]) AND form = 'registry' AND identity IS NOT NULL
ORDER BY person_ref, voided, own_day DESC, record_id
"""
_BLOCK = (
    "(SELECT record.person_ref FROM record_search AS s JOIN record USING (record_id)"
    " WHERE s.form = 'registry' AND s.tokens @> %s::int2[]{unit} AND record.person_ref IS NOT NULL LIMIT %s)"
)
_PAIR = (
    "pair.pair_id, pair.one, pair.other, pair.unit_one, pair.unit_other, pair.score, pair.fields, pair.known,"
    " pair.joined, pair.version, decision.decision_id, decision.verdict, decision.reason, decision.known,"
    " decision.decided_at, decision.decided_by, decision.decided_unit"
)
_FROM = (
    " FROM review_pair AS pair LEFT JOIN review_decision AS decision"
    " ON decision.pair_id = pair.pair_id AND decision.ended_at IS NULL"
)
_OPEN = (
    "NOT pair.joined AND pair.score >= %(shown)s"
    " AND (decision.verdict IS NULL OR (decision.verdict = 'two' AND decision.known <> pair.known))"
)
_PUT = """
INSERT INTO review_pair (pair_id, one, other, unit_one, unit_other, score, fields, known, joined, version, found_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, false, 1, %s)
ON CONFLICT (pair_id) DO UPDATE SET unit_one = excluded.unit_one, unit_other = excluded.unit_other,
    score = excluded.score, fields = excluded.fields, known = excluded.known, version = review_pair.version + 1
WHERE (review_pair.unit_one, review_pair.unit_other, review_pair.score, review_pair.fields, review_pair.known)
    IS DISTINCT FROM (excluded.unit_one, excluded.unit_other, excluded.score, excluded.fields, excluded.known)
"""
_JOINED = """
UPDATE review_pair SET joined = pair_id = ANY(%(joined)s::uuid[]), version = version + 1
WHERE (one = ANY(%(refs)s::uuid[]) OR other = ANY(%(refs)s::uuid[])) AND joined <> (pair_id = ANY(%(joined)s::uuid[]))
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """The record of a reference that stands or stood latest: whose it is, and what it says, who it is about still encrypted."""

    ref: UUID
    record: UUID
    unit: str
    commune: str | None
    content: dict[str, Any]
    identity: bytes
    voided: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision that stands."""

    id: UUID
    verdict: Verdict
    reason: str
    known: str
    at: datetime
    by: str
    unit: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two references that may be one person, as they were last compared.

    ``joined``: as it is stored, by records of both sides' units; as a reader is told it, by the records that they read.
    """

    id: UUID
    one: UUID
    other: UUID
    units: tuple[str, str]
    score: int | None
    fields: tuple[Compared, ...]
    known: str
    joined: bool
    version: int
    decision: Decision | None

    @property
    def refs(self) -> tuple[UUID, UUID]:
        """Return both references."""
        return self.one, self.other

    def is_open(self, shown: int) -> bool:
        """Return whether somebody has to decide: not joined, alike enough, and not decided from what is known now."""
        if self.joined or self.score is None or self.score < shown:
            return False
        decided = self.decision
        return decided is None or (decided.verdict == "two" and decided.known != self.known)


def pair_id(one: UUID, other: UUID) -> UUID:
    """Return the id of the pair: the same in whatever order."""
    lesser, greater = sorted((one, other))
    return uuid5(_PAIRS, f"{lesser}:{greater}")


async def next_due(session: AsyncSession, most: int) -> list[UUID]:
    """Return up to ``most`` references that something changed of, and take them off the list in this transaction."""
    cursor = await (await raw(session)).execute(
        "DELETE FROM review_due WHERE ref IN (SELECT ref FROM review_due ORDER BY ref LIMIT %s) RETURNING ref",
        [most],
    )
    return sorted(row[0] for row in await cursor.fetchall())


async def standing(session: AsyncSession, refs: Collection[UUID]) -> dict[UUID, Standing]:
    """Return the record in force of each of these references that has one in the register."""
    connection = await raw(session)
    async with connection.cursor(binary=True) as cursor:
        await cursor.execute(_STANDING.encode(), [list(refs)])
        return {row[0]: Standing(*row) for row in await cursor.fetchall()}


async def latest(session: AsyncSession, refs: Collection[UUID]) -> dict[UUID, Standing]:
    """Return the record in force of each of these references, of one that has none its withdrawn record as it last stood."""
    connection = await raw(session)
    async with connection.cursor(binary=True) as cursor:
        await cursor.execute(_LATEST.encode(), [list(refs)])
        return {row[0]: Standing(*row) for row in await cursor.fetchall()}


async def alike(
    session: AsyncSession, anywhere: Iterable[Sequence[int]], within: Iterable[Sequence[int]], unit: str
) -> set[UUID]:
    """Return the references of records that have all tokens of one of these lists: of any unit, or of this one."""
    blocks: list[str] = []
    values: list[object] = []
    for tokens in anywhere:
        blocks.append(_BLOCK.format(unit=""))
        values += [list(tokens), _MOST_OF_A_BLOCK]
    for tokens in within:
        blocks.append(_BLOCK.format(unit=" AND s.unit = %s"))
        values += [list(tokens), unit, _MOST_OF_A_BLOCK]
    if not blocks:
        return set()
    cursor = await (await raw(session)).execute(" UNION ".join(blocks).encode(), values, prepare=False)
    return {row[0] for row in await cursor.fetchall()}


async def partners(session: AsyncSession, ref: UUID) -> set[UUID]:
    """Return the references that are in a pair with this one already."""
    cursor = await (await raw(session)).execute(
        "SELECT CASE WHEN one = %(ref)s THEN other ELSE one END FROM review_pair WHERE one = %(ref)s OR other = %(ref)s",
        {"ref": ref},
    )
    return {row[0] for row in await cursor.fetchall()}


async def put_pair(
    session: AsyncSession,
    one: Standing,
    other: Standing,
    score: int,
    fields: Sequence[Compared],
    known: str,
    at: datetime,
) -> None:
    """Store what comparing the two has brought; where that is what is stored, nothing changes."""
    first, second = sorted((one, other), key=lambda each: each.ref)
    values = (pair_id(one.ref, other.ref), first.ref, second.ref, first.unit, second.unit, score)
    document = Jsonb([[each.field, each.level, each.weight] for each in fields])
    await (await raw(session)).execute(_PUT, (*values, document, known, at))


async def put_aside(session: AsyncSession, ref: UUID, others: Collection[UUID]) -> None:
    """Propose no more the pairs of this reference with these: one side has no record in force."""
    await (await raw(session)).execute(
        "UPDATE review_pair SET score = NULL, version = version + 1"
        " WHERE pair_id = ANY(%s::uuid[]) AND score IS NOT NULL",
        [[pair_id(ref, other) for other in others]],
    )


async def pairs_among(session: AsyncSession, refs: Collection[UUID]) -> list[tuple[UUID, UUID]]:
    """Return the sides of the pairs of which both sides are among these references."""
    cursor = await (await raw(session)).execute(
        "SELECT one, other FROM review_pair WHERE one = ANY(%(refs)s::uuid[]) AND other = ANY(%(refs)s::uuid[])",
        {"refs": list(refs)},
    )
    return [(row[0], row[1]) for row in await cursor.fetchall()]


async def put_joined(
    session: AsyncSession, refs: Collection[UUID], joined: Iterable[tuple[UUID, UUID]]
) -> None:
    """Let of all pairs with a side among these references these be joined and no others."""
    ids = [pair_id(*sides) for sides in joined]
    await (await raw(session)).execute(_JOINED, {"refs": list(refs), "joined": ids})


async def read_pair(session: AsyncSession, pair: UUID, *, lock: bool = False) -> Pair | None:
    """Return the pair with the decision that stands; with ``lock`` nobody else changes it before the transaction ends."""
    query = f"SELECT {_PAIR}{_FROM} WHERE pair.pair_id = %s" + (" FOR UPDATE OF pair" if lock else "")
    found = await (await (await raw(session)).execute(query.encode(), [pair])).fetchone()
    return None if found is None else _pair(*found)


async def pairs_of(
    session: AsyncSession,
    units: Collection[str],
    state: Literal["open", "one", "two"],
    shown: int,
    after: tuple[int, UUID] | None,
    most: int,
    deciding: Collection[str] = (),
) -> list[Pair]:
    """Return a page of the pairs of which both sides are of these units, the likeliest first.

    Of those that are decided also the ones that units of ``deciding`` decided.
    """
    which = _OPEN if state == "open" else "decision.verdict = %(state)s"
    # The score falls and the id rises; with the minus both rise, so one comparison of rows finds the place.
    place = "" if after is None else " AND (-coalesce(pair.score, 0), pair.pair_id) > (%(place)s, %(last)s)"
    whose = "(pair.unit_one = ANY(%(units)s) AND pair.unit_other = ANY(%(units)s))"
    if state != "open":
        whose = f"({whose} OR decision.decided_unit = ANY(%(deciding)s))"
    values: dict[str, object] = {"units": list(units), "state": state, "shown": shown, "most": most}
    values["deciding"] = list(deciding)
    if after is not None:
        values |= {"place": -after[0], "last": after[1]}
    query = f"SELECT {_PAIR}{_FROM} WHERE {which} AND {whose}{place} ORDER BY -coalesce(pair.score, 0), pair.pair_id LIMIT %(most)s"
    cursor = await (await raw(session)).execute(query.encode(), values)
    return [_pair(*row) for row in await cursor.fetchall()]


async def units_with_pairs(session: AsyncSession) -> set[str]:
    """Return the units whose records are in pairs."""
    cursor = await (await raw(session)).execute(
        "SELECT unit_one FROM review_pair UNION SELECT unit_other FROM review_pair"
    )
    return {row[0] for row in await cursor.fetchall()}


async def units_that_decided(session: AsyncSession) -> set[str]:
    """Return the units whose decisions stand."""
    cursor = await (await raw(session)).execute(
        "SELECT DISTINCT decided_unit FROM review_decision WHERE ended_at IS NULL"
    )
    return {row[0] for row in await cursor.fetchall()}


async def apart(
    session: AsyncSession, ours: Collection[UUID], theirs: Collection[UUID], but: UUID
) -> Decision | None:
    """Return a decision that stands and says "two" of somebody of the one side and somebody of the other; not of pair ``but``."""
    cursor = await (await raw(session)).execute(
        f"SELECT {_PAIR}{_FROM} WHERE decision.verdict = 'two' AND pair.pair_id <> %(but)s AND ("
        # Looked for in both orders: ``one`` is the lesser reference and says nothing about the side.
        " (pair.one = ANY(%(ours)s::uuid[]) AND pair.other = ANY(%(theirs)s::uuid[]))"
        " OR (pair.one = ANY(%(theirs)s::uuid[]) AND pair.other = ANY(%(ours)s::uuid[])))"
        " ORDER BY decision.decided_at LIMIT 1".encode(),
        {"but": but, "ours": list(ours), "theirs": list(theirs)},
    )
    found = await cursor.fetchone()
    return None if found is None else _pair(*found).decision


async def add_decision(session: AsyncSession, pair: UUID, made: Decision) -> None:
    """Store a decision, and let the pair have another version."""
    connection = await raw(session)
    await connection.execute(
        "INSERT INTO review_decision (decision_id, pair_id, verdict, reason, known, decided_at, decided_by, decided_unit)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (made.id, pair, made.verdict, made.reason, made.known, made.at, made.by, made.unit),
    )
    await _next_version(session, pair)


async def end_decision(
    session: AsyncSession, pair: UUID, decision: UUID, *, at: datetime, by: str, unit: str, reason: str
) -> None:
    """Let the decision stand no longer, and the pair have another version."""
    await (await raw(session)).execute(
        "UPDATE review_decision SET ended_at = %s, ended_by = %s, ended_unit = %s, ended_reason = %s"
        " WHERE decision_id = %s",
        (at, by, unit, reason, decision),
    )
    await _next_version(session, pair)


async def last_ended(session: AsyncSession, pair: UUID) -> tuple[str, str] | None:
    """Return by whom and why the pair's last decision ended; None where none has."""
    cursor = await (await raw(session)).execute(
        "SELECT ended_by, ended_reason FROM review_decision WHERE pair_id = %s AND ended_at IS NOT NULL"
        " ORDER BY ended_at DESC LIMIT 1",
        [pair],
    )
    found = await cursor.fetchone()
    return None if found is None else (found[0], found[1])


async def _next_version(session: AsyncSession, pair: UUID) -> None:
    await (await raw(session)).execute(
        "UPDATE review_pair SET version = version + 1 WHERE pair_id = %s", [pair]
    )


def _pair(
    number: UUID,
    one: UUID,
    other: UUID,
    unit_one: str,
    unit_other: str,
    score: int | None,
    fields: list[tuple[str, str, int]],
    known: str,
    joined: bool,
    version: int,
    *decided: Any,
) -> Pair:
    decision = None if decided[0] is None else Decision(*decided)
    compared = tuple(Compared(*each) for each in fields)
    return Pair(number, one, other, (unit_one, unit_other), score, compared, known, joined, version, decision)
