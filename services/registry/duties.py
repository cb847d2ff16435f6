"""What is due about users, addicts and people after detox, by the register's rows of one unit. Pure.

A row says from when on a person has a status; the last one that has begun holds. A last day that was ahead when the row was
written was a plan: that it is over says nothing of whether the management was ended. What came after the day asked is as if it were not written.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from services.registers import Begun, DutyBook, Fact

DECISION, TERM = "registry.user_decision", "registry.user_term"
USERS_DECIDED = "registry.users_decided"
POST_DETOX, STATUS_OVER = "registry.post_detox_term", "registry.status_over"


def find(facts: Sequence[Fact], day: date) -> Iterator[Begun]:
    """Yield what is due about each person: a decision, the end of its term, or the removal from the list."""
    for rows in _listed(facts, day):
        yield from _of_person(rows, day)


def goals(facts: Sequence[Fact], day: date) -> Mapping[str, tuple[int, int]]:
    """Return how many users have a decision, and how many users there are (100 % is the police's goal)."""
    users = [
        rows
        for rows in _listed(facts, day)
        if rows[-1].values["status"] == "user" and not _ended(rows[-1], day)
    ]
    decided = sum(bool(_decided_on(_spell(rows, day), day)) for rows in users)
    return {USERS_DECIDED: (decided, len(users))}


def _listed(facts: Sequence[Fact], day: date) -> Iterator[list[Fact]]:
    """Yield the rows of each person who is on the list on the day, in their order."""
    persons: dict[object, list[Fact]] = {}
    for fact in facts:
        if fact.needed_day("status_from") <= day:
            persons.setdefault(fact.person or fact.record, []).append(fact)
    for rows in persons.values():
        rows.sort(key=lambda row: row.needed_day("status_from"))
        if not rows[-1].happened("removed_on", day):
            yield rows


def _of_person(rows: Sequence[Fact], day: date) -> Iterator[Begun]:
    now = rows[-1]
    since, until = now.needed_day("status_from"), now.day_by("status_to", day)
    match now.values["status"]:
        case "user" if not _ended(now, day):
            yield _of_user(now, _spell(rows, day), day)
        case "post_detox" if until is None:
            yield Begun(now, POST_DETOX, since, "longest")
        case "post_detox":
            yield Begun(now, POST_DETOX, until or since, "stated", since, rules_of=since)
        case "addict" if until is not None:
            yield Begun(now, STATUS_OVER, until, since=since, rules_of=since)


def _ended(row: Fact, day: date) -> bool:
    """Return whether the unit has written down that the status is over."""
    until = row.day("status_to")
    return until is not None and until < day and row.recorded_on >= until


def _spell(rows: Sequence[Fact], day: date) -> list[Fact]:
    """Return the last rows in a row with the same status, latest first; a removal or an end before the next row ends it."""
    spell = [rows[-1]]
    for row in reversed(rows[:-1]):
        follows = spell[-1].needed_day("status_from")
        over = row.happened("removed_on", day) or _ended(row, follows)
        if over or row.values["status"] != rows[-1].values["status"]:
            break
        spell.append(row)
    return spell


def _of_user(now: Fact, spell: Sequence[Fact], day: date) -> Begun:
    decided = _decided_on(spell, day)
    if not decided:
        return Begun(now, DECISION, spell[-1].needed_day("status_from"))
    # A new decision begins the term anew.
    return Begun(now, TERM, max(decided))


def _decided_on(spell: Iterable[Fact], day: date) -> list[date]:
    """Return the days of the decisions until the day; of one whose day is not written the row's own day is known."""
    days = [
        row.day("decision_date") or row.needed_day("status_from")
        for row in spell
        if row.values.get("decision_no")
    ]
    return [each for each in days if each <= day]


BOOK = DutyBook((DECISION, TERM, POST_DETOX, STATUS_OVER), ("registry",), find, goals=goals)
"""The duties of the register of users and addicts."""
