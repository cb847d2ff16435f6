"""The ledger: stays in each stock, computed from the versions in the log and not from the tables of figures.

It implements the definitions of figures (``docs/figures.md``) a second time. A check that used the code of the figures
would repeat their mistakes and never find them.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

import orjson

from services.reporting.checks.domain.movements import Stay, Wider
from services.reporting.facts import OPEN_END, Edge, Fact, Known, Spell, Statement, histories

_STATUS = {
    "registry.addicts_with_file": "addict",
    "registry.users": "user",
    "registry.post_detox": "post_detox",
    "registry.suspected_addicts": "suspected_addict",
    "registry.suspected_users": "suspected_user",
    "registry.addicts_in_community": "addict",
    "registry.psychosis": None,
    "registry.users_with_decision": "user",
    "registry.addicts_with_slip": "addict",
}
FORMS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(_STATUS, ("registry",)),
    "registry.addicts_in_community": ("registry", "detox"),
    "registry.addicts_with_slip": ("registry", "determination"),
    "methadone.active": ("methadone",),
    "detox.in_facility": ("detox",),
    "determination.facilities": ("facilities",),
    "methadone.sites": ("facilities",),
    "venues.watched": ("places",),
    "venues.at_risk.conditional_business": ("places",),
    "venues.at_risk.disguised_business": ("places",),
    "venues.at_risk.lodging": ("places",),
    "venues.at_risk.other": ("places",),
    "hot_spots.open": ("places",),
}
"""Stock with entries and exits → the forms whose records it is computed from."""


@dataclass(frozen=True)
class Ledger:
    """The rows of records, and the human being of each reference, as known at one instant."""

    rows: tuple[Known, ...]
    person_of: Mapping[str, str]

    def who(self, ref: str | None) -> str:
        """Return the human being behind a reference."""
        assert ref is not None
        return self.person_of.get(ref, ref)

    @cached_property
    def spells(self) -> dict[str, list[tuple[str, Spell]]]:
        """Return the spells by kind, each with the id of its record."""
        found: dict[str, list[tuple[str, Spell]]] = defaultdict(list)
        for known in self.rows:
            if isinstance(known.row, Spell):
                found[known.row.kind].append((known.record_id, known.row))
        return found

    @cached_property
    def facts(self) -> dict[str, list[tuple[str, Fact]]]:
        """Return the facts by kind, each with the id of its record."""
        found: dict[str, list[tuple[str, Fact]]] = defaultdict(list)
        for known in self.rows:
            if isinstance(known.row, Fact):
                found[known.row.kind].append((known.record_id, known.row))
        return found

    @cached_property
    def statuses(self) -> list[Wider]:
        """Return every register status of every human being."""
        return [
            Wider(self.who(row.person_ref), record, row.code, row.valid_from, row.valid_to)
            for record, row in self.spells["status"]
        ]

    @cached_property
    def communities(self) -> dict[str, list[tuple[date, date]]]:
        """Return for each human being the intervals in which the latest statement said presence in the `community`."""
        said: dict[str, list[tuple[date, int, date, str, str]]] = defaultdict(list)
        for known in self.rows:
            row = known.row
            if isinstance(row, Statement):
                place = (row.from_on, row.rank, row.stated_on, known.record_id, row.presence)
                said[self.who(row.person_ref)].append(place)
        found = {}
        for who, statements in said.items():
            statements.sort()
            ends = [statement[0] for statement in statements[1:]] + [OPEN_END]
            found[who] = [
                (statement[0], end)
                for statement, end in zip(statements, ends, strict=True)
                if statement[4] == "community" and end > statement[0]
            ]
        return found

    @cached_property
    def first_slip(self) -> dict[str, date]:
        """Return for each human being the day of the first `addicted` conclusion."""
        found: dict[str, date] = {}
        for _, row in self.facts["slip"]:
            if row.code == "addicted":
                who = self.who(row.person_ref)
                found[who] = min(found.get(who, row.occurred_on), row.occurred_on)
        return found


def ledger(rows: Iterable[Known], edges: Iterable[Edge], at: datetime | None) -> Ledger:
    """Return what was known at an instant; None = what is known now, to the end of time."""

    def held(since: datetime, until: datetime) -> bool:
        # Without an instant only rows that are known still count: their knowledge ends at FOREVER, in the year 9999.
        return until.year == 9999 if at is None else since <= at < until

    kept = tuple(known for known in rows if held(known.known_from, known.known_to))
    names = {row.ref: row.person for row in histories(edges) if held(row.known_from, row.known_to)}
    return Ledger(kept, names)


def stays_of(figure: str, book: Ledger) -> tuple[list[Stay], list[Wider]]:
    """Return who is in a stock when, and the wider spells around it. KeyError where the figure has no entries and exits."""
    if figure in _STATUS:
        return _listed(figure, book), book.statuses
    return _OTHERS[figure](book), []


def _listed(figure: str, book: Ledger) -> list[Stay]:
    found = []
    wanted = _STATUS[figure]
    for record, row in book.spells["status"]:
        if wanted is not None and row.code != wanted:
            continue
        who = book.who(row.person_ref)
        attrs = _attributes(row)
        removed = attrs.get("removed_on")
        # A status can also end where another one begins; it ended by removal only on the day of removal.
        reason = "removed" if removed and date.fromisoformat(removed) == row.valid_to else None
        for start, end in _when(figure, book, who, row, attrs):
            # A slip or a presence can begin before the status or end after it, but only both together count.
            start, end = max(start, row.valid_from), min(end, row.valid_to)
            if start < end:
                left = reason if end == row.valid_to else None
                found.append(Stay(who, record, row.area, None, start, end, left))
    return found


def _when(
    figure: str, book: Ledger, who: str, row: Spell, attrs: Mapping[str, Any]
) -> list[tuple[date, date]]:
    """Return the intervals of days [start, end) during which a register row may count for the figure."""
    if figure == "registry.addicts_in_community":
        return book.communities.get(who, [])
    since: str | date | None = row.valid_from
    if figure == "registry.psychosis":
        since = attrs.get("psychosis_from")
    elif figure == "registry.users_with_decision":
        since = attrs.get("decided_on")
    elif figure == "registry.addicts_with_slip":
        since = book.first_slip.get(who)
    if since is None:
        return []
    return [(date.fromisoformat(since) if isinstance(since, str) else since, OPEN_END)]


def _episodes(kind: str, left: str, codes: frozenset[str] | None) -> Callable[[Ledger], list[Stay]]:
    def found(book: Ledger) -> list[Stay]:
        reasons = {record: row.reason for record, row in book.facts[left]}
        return [
            Stay(
                book.who(row.person_ref),
                record,
                row.area,
                row.facility,
                row.valid_from,
                row.valid_to,
                reasons.get(record),
            )
            for record, row in book.spells[kind]
            if codes is None or row.code in codes
        ]

    return found


def _facilities(does: str) -> Callable[[Ledger], list[Stay]]:
    return lambda book: [
        Stay(str(row.facility), record, row.area, row.facility, row.valid_from, row.valid_to)
        for record, row in book.spells["facility"]
        if does in _attributes(row).get("does", ())
    ]


def _places(wanted: Callable[[str, Mapping[str, Any]], bool]) -> Callable[[Ledger], list[Stay]]:
    def found(book: Ledger) -> list[Stay]:
        stays = []
        for record, row in book.spells["place"]:
            attrs = _attributes(row)
            if wanted(row.code, attrs):
                # A new record can be about the same place, and then it is a renewal and not a new place.
                thing = f"{row.unit} {attrs.get('place')}"
                stays.append(Stay(record, record, row.area, None, row.valid_from, row.valid_to, None, thing))
        return stays

    return found


def _at_risk(kind: str) -> Callable[[Ledger], list[Stay]]:
    return _places(lambda code, attrs: code == kind and bool(attrs.get("at_risk")))


_OTHERS: Mapping[str, Callable[[Ledger], list[Stay]]] = {
    "methadone.active": _episodes("methadone", "methadone_left", None),
    "detox.in_facility": _episodes("detox", "detox_ended", frozenset({"compulsory", "voluntary_facility"})),
    "determination.facilities": _facilities("determination"),
    "methadone.sites": _facilities("methadone"),
    "venues.watched": _places(lambda code, _: code != "hot_spot"),
    **{
        f"venues.at_risk.{kind}": _at_risk(kind)
        for kind in ("conditional_business", "disguised_business", "lodging", "other")
    },
    "hot_spots.open": _places(lambda code, _: code == "hot_spot"),
}


def _attributes(row: Spell) -> Mapping[str, Any]:
    found: Mapping[str, Any] = {} if row.attrs is None else orjson.loads(row.attrs)
    return found
