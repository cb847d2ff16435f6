"""The events of a back-up: what each outbox holds and what reporting has folded of it, as counts and fingerprints.

Read in the databases themselves: only there an answer belongs to the very snapshot that a dump is made of.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import psycopg
from psycopg import sql
from pydantic import BaseModel

from contracts.topics import FACT_TOPICS
from deploy.backup.connecting import connected

LINK_TOPIC = "registry.persons"
RECORD_TOPICS = tuple(topic for topic in FACT_TOPICS if topic != LINK_TOPIC)
"""Topics of records: reporting keeps every event of theirs. Of links it keeps the latest, and those that closings knew."""

# A sum is the same in any order of rows, so millions of them need no sorting. 60 bits of a hash fit into a bigint.
_FINGERPRINT = "coalesce(sum(('x' || left(encode(sha256({}), 'hex'), 15))::bit(60)::bigint), 0)::text"
_IDS = _FINGERPRINT.format("uuid_send(event_id)")
_CONTENT = _FINGERPRINT.format(
    "convert_to(concat_ws(' ', event_id, key, subject, sequence), 'UTF8') || coalesce(payload, '')"
)
_OUTBOX = f"""
SELECT topic, max(id), count(*), count(*) FILTER (WHERE recorded_at <= %(known_at)s), {_IDS}, {_CONTENT},
       count(*) FILTER (WHERE topic = %(links)s AND sequence > 1)
FROM public.outbox
WHERE topic = ANY(%(topics)s) AND (%(last)s::bigint IS NULL OR id <= %(last)s)
GROUP BY topic ORDER BY topic
"""
_FOLDED = f"""
SELECT form, count(*), count(*) FILTER (WHERE recorded_at <= %s), {_IDS}
FROM (SELECT form, recorded_at, event_id FROM {{live}}.version
      UNION ALL SELECT form, recorded_at, event_id FROM {{live}}.version_replaced) v
GROUP BY form ORDER BY form
"""
_LETTERS = "SELECT value FROM dead_letter WHERE status = 'waiting' AND consumer = %s AND topic = ANY(%s)"


class Events(BaseModel):
    """A set of events: how many, how many of them recorded up to the back-up's ``known_at``, a fingerprint of their ids.

    ``content``: a fingerprint of what they say, where it is known.
    """

    count: int
    before: int
    ids: str
    content: str = "0"


class Outbox(BaseModel):
    """The facts in an outbox by topic.

    ``last``: the greatest position among them, 0 where there are none. ``relinked``: events that changed or withdrew a
    link of persons, which changes figures of any time.
    """

    last: int
    topics: dict[str, Events]
    relinked: int = 0

    def of(self, topic: str) -> Events:
        """Return the events of a topic."""
        return self.topics.get(topic, NONE)


NONE = Events(count=0, before=0, ids="0")


def total(parts: Iterable[Events]) -> Events:
    """Return several sets that share no event as one."""
    listed = list(parts)
    return Events(
        count=sum(one.count for one in listed),
        before=sum(one.before for one in listed),
        ids=str(sum(int(one.ids) for one in listed)),
        content=str(sum(int(one.content) for one in listed)),
    )


def read_outbox(connection: psycopg.Connection, known_at: datetime, last: int | None = None) -> Outbox:
    """Return the facts in an outbox, up to position ``last`` where it is given."""
    asked = {"topics": list(FACT_TOPICS), "links": LINK_TOPIC, "known_at": known_at, "last": last}
    rows = connection.execute(_OUTBOX.encode(), asked).fetchall()
    topics = {
        topic: Events(count=count, before=before, ids=ids, content=content)
        for topic, _, count, before, ids, content, _ in rows
    }
    greatest = max((row[1] for row in rows), default=0)
    return Outbox(last=greatest, topics=topics, relinked=sum(row[-1] for row in rows))


def outbox_of(url: str, known_at: datetime, last: int | None = None) -> Outbox:
    """Return the same of a database; ProcessFailedError where it cannot be reached."""
    with connected(url) as connection:
        return read_outbox(connection, known_at, last)


def live_generation(url: str) -> int:
    """Return the number of the generation that figures are answered from."""
    with connected(url) as connection:
        return _live(connection)


def folded_in(url: str, known_at: datetime) -> dict[str, Events]:
    """Return the events of records that reporting answers from, by form."""
    with connected(url) as connection:
        query = sql.SQL(_FOLDED).format(live=sql.Identifier(f"g{_live(connection)}"))
        rows = connection.execute(query, [known_at]).fetchall()
        return {form: Events(count=count, before=before, ids=ids) for form, count, before, ids in rows}


def folded_ids(url: str) -> tuple[list[UUID], set[UUID]]:
    """Return the ids of the events of records that reporting answers from, and of those that wait as dead letters."""
    with connected(url) as connection:
        number = _live(connection)
        live = sql.Identifier(f"g{number}")
        tables = sql.SQL(" UNION ALL ").join(
            sql.SQL("SELECT event_id FROM {}.{}").format(live, sql.Identifier(table))
            for table in ("version", "version_replaced")
        )
        folded = [row[0] for row in connection.execute(tables)]
        letters = connection.execute(_LETTERS, [f"reporting-g{number}", list(RECORD_TOPICS)])
        return folded, {found for (value,) in letters if (found := _id_of(value)) is not None}


def outbox_ids(url: str) -> list[UUID]:
    """Return the ids of the events of records in an outbox."""
    with connected(url) as connection:
        found = connection.execute("SELECT event_id FROM outbox WHERE topic = ANY(%s)", [list(RECORD_TOPICS)])
        return [row[0] for row in found]


def _live(connection: psycopg.Connection) -> int:
    found = connection.execute("SELECT number FROM generation WHERE state = 'live'").fetchone()
    assert found is not None, "a migrated database has a live generation"
    return int(found[0])


def _id_of(value: bytes | None) -> UUID | None:
    """Return the id of the event in a dead letter; None where it cannot be read, as in a message of a stranger."""
    try:
        return UUID(str(json.loads(value or b"")["id"]))
    except (ValueError, KeyError, TypeError):
        return None
