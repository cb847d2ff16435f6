"""Make, store and look up releases, from which readers outside the owning agencies are answered.

The release of a window is computed and protected once: when somebody asks for it first after it is due. It is stored, and
every reader gets the stored numbers until the next edition is due, also after rebuilds, restarts and new records. Parts
are released before the whole: the quarters before their year, the stocks at both ends before the flow between them. So
all relations among them are known when the whole is decided.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from contracts.envelope import VIETNAM
from reference import area_book
from services.chassis.persistence import raw
from services.chassis.platform import Platform
from services.reporting.disclosure import policy, repository
from services.reporting.disclosure.grid import Window, find, is_due, level_of, windows_near
from services.reporting.disclosure.policy import Rule, rule_of
from services.reporting.disclosure.primary import Threshold
from services.reporting.disclosure.release import Node, Release, decide, partitions
from services.reporting.facts import Connection
from services.reporting.figures import Result, Scope, Watermark, default_province, read_watermark
from services.reporting.figures.exact import compute, snapshot

_KEPT = 64
_HORIZON_YEARS = 2
_DEPTH = {"province": 0, "district": 1, "commune": 2}


CountComparison = Callable[[Connection, str, Scope], Awaitable[Result]]
"""Counts what the check of a code finds in a scope, and in each row of its breakdown."""


class Edition(NamedTuple):
    """A release with its id, its edition number and the instant that it was computed as known at.

    Edition 0: every value was zero, so there was nothing to protect.
    """

    number: int
    edition: int
    known_at: datetime
    release: Release


class Releases:
    """The releases that this process has read. They never change, so those used last stay in memory."""

    def __init__(self, platform: Platform, count_comparison: CountComparison) -> None:
        self._platform = platform
        self._count_comparison = count_comparison
        self._kept: OrderedDict[int, Edition] = OrderedDict()
        self._tried: dict[tuple[str, Window], datetime] = {}
        self._nothing: dict[tuple[str, Window], Watermark] = {}

    async def get(self, code: str, window: Window) -> Edition:
        """Return the newest edition of a window on the grid of a sensitive figure; made first if it is not there or too old."""
        family = policy.family_of(code)
        found = await self._current(family, window)
        rule = rule_of(code, window.last)
        now = self._platform.clock()
        if found is not None and found[1] and now < self._next_try(family, window, found[2], rule):
            return await self._load(found[0])
        # Edition 0 says that every value was zero. It stands as long as that is true, and no longer.
        if found is not None and not found[1] and await self._still_nothing(family, window):
            return (await self._load(found[0]))._replace(known_at=now)
        for earlier in self._before(family, window):
            # Parts first: a whole that is decided before its parts leaves no room to protect them.
            await self.get(*earlier)
        return await self._make(family, window)

    def _next_try(self, family: Sequence[str], window: Window, made: datetime, rule: Rule) -> datetime:
        """Return when a new edition may be made; where it could not be made safe, the next try is a day later."""
        due = made + timedelta(days=rule.edition_days)
        tried = self._tried.get((family[0], window))
        return due if tried is None else max(due, tried + timedelta(days=1))

    async def _still_nothing(self, family: Sequence[str], window: Window) -> bool:
        """Return whether every value is zero: asked of the tables once for each of their states, by the totals alone."""
        root = default_province(window.last)
        assert root is not None
        async with snapshot.reading(self._platform.uow) as (connection, generation):
            state = await read_watermark(connection, generation)
            if self._nothing.get((family[0], window)) == state:
                return True
            for code in (code for code in family if _fits(code, window)):
                # No part of a count is greater than the whole, so a total of zero leaves nothing to its rows.
                scope = Scope(root, window.last, window.first, None, None)
                if _whole((await self._count(connection, code, scope)).value):
                    return False
        self._nothing[family[0], window] = state
        return True

    async def _current(self, family: Sequence[str], window: Window) -> tuple[int, int, datetime] | None:
        async with self._platform.uow() as session:
            return await repository.current(await raw(session), family[0], window)

    async def _load(self, number: int) -> Edition:
        kept = self._kept.get(number)
        if kept is None:
            async with self._platform.uow() as session:
                kept = Edition(*await repository.load(await raw(session), number))
            self._kept[number] = kept
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(number)
        return kept

    def _before(self, family: Sequence[str], window: Window) -> list[tuple[str, Window]]:
        """Return the figures and windows to release before a period: shorter periods in it, and the stocks at its ends."""
        if window.first is None:
            return []
        today = self._platform.clock().astimezone(VIETNAM).date()
        needed: list[tuple[str, Window]] = []
        ends = (Window(window.last, None), Window(window.first - timedelta(days=1), None))
        for code in family:
            rule = rule_of(code, window.last)
            near = windows_near(rule, flow=True, day=window.last)
            if find(rule, window.first, window.last) is not None:
                inside = {part for parts in partitions(window, near) for part in parts}
                needed += [(code, part) for part in near if part in inside]
            needed += [(code, end) for end in ends if _fits(code, end) and is_due(rule, end, today)]
        return list(dict.fromkeys(needed))

    async def _make(self, family: Sequence[str], window: Window) -> Edition:
        # The lock belongs to a session, not a transaction: the computation takes longer than a transaction may be idle.
        async with await self._platform.database.connect(name="khopso-release") as alone:
            await repository.lock(alone, family[0])
            return await self._make_alone(family, window)

    async def _make_alone(self, family: Sequence[str], window: Window) -> Edition:
        now = self._platform.clock()
        codes = [code for code in family if _fits(code, window)]
        rule = rule_of(codes[0], window.last)
        found = await self._current(family, window)
        # An edition 0 (all zeros) does not bind the new one: what was counted since is decided as a first edition.
        previous = None if found is None or not found[1] else await self._load(found[0])
        # Another process may have made it while this one waited for the lock.
        if previous is not None and now < self._next_try(family, window, previous.known_at, rule):
            return previous
        made = await self._computed(family[0], codes, window)
        async with self._platform.uow() as session:
            # Readers keep old releases and can subtract them, so the new one is decided together with them.
            history = await repository.newest(await raw(session), family[0], window, _HORIZON_YEARS)
        # Solving takes seconds; in the event loop it would stop all other requests.
        decided = await asyncio.to_thread(
            decide,
            made,
            _strictest(codes, window.last),
            policy.links(),
            history,
            None if previous is None else previous.release,
            _home,
        )
        if decided is None:
            assert previous is not None
            # Without this every reader's question would start the same long search again.
            self._tried[family[0], window] = now
            return previous
        edition = 1 if previous is None else previous.edition + 1
        if decided.empty and previous is None:
            # Stored, because readers were told that all is zero and may subtract it from other windows. Stored once only.
            if found is not None:
                return Edition(found[0], 0, now, decided)
            edition = 0
        async with self._platform.uow() as session:
            number = await repository.save(await raw(session), decided, edition, now)
        return Edition(number, edition, now, decided)

    async def _computed(self, family: str, codes: Sequence[str], window: Window) -> Release:
        root = default_province(window.last)
        assert root is not None
        async with snapshot.reading(self._platform.uow) as (connection, _):
            nodes, values = await self._tables(connection, codes, window, root)
        return Release(family, window, nodes, values)

    async def _tables(
        self, connection: Connection, codes: Sequence[str], window: Window, root: str
    ) -> tuple[dict[str, Node], dict[str, dict[str, int]]]:
        """Compute the figures for the window: the tree of areas, and the values by figure and place."""
        book = area_book()
        nodes = {root: Node(root, book.by_uid[root].code, None, 0)}
        values: dict[str, dict[str, int]] = {code: {} for code in codes}
        for code in codes:
            rule = rule_of(code, window.last)
            finest = _DEPTH[level_of(rule, window) or "province"]
            waiting = [root]
            while waiting:
                parent = waiting.pop(0)
                inside = {area.code: area for area in book.children(parent, window.last)}
                result = await self._count(
                    connection,
                    code,
                    Scope(parent, window.last, window.first, None, "area" if inside else None),
                )
                values[code].setdefault(parent, _whole(result.value))
                if any(_DEPTH[area.level] > finest for area in inside.values()):
                    continue
                for row, value in (result.rows or {}).items():
                    area = inside.get(row)
                    key = area.uid if area is not None else f"{parent}/{row}"
                    depth = _DEPTH[area.level] if area is not None else _DEPTH["commune"]
                    nodes.setdefault(key, Node(key, row, parent, depth))
                    values[code][key] = _whole(value)
                    if area is not None and book.children(area.uid, window.last):
                        waiting.append(area.uid)
            for dimension in rule.dimensions:
                result = await self._count(
                    connection, code, Scope(root, window.last, window.first, None, dimension)
                )
                for row, value in (result.rows or {}).items():
                    values[code][f"{dimension}={row}"] = _whole(value)
        return nodes, values

    async def _count(self, connection: Connection, code: str, scope: Scope) -> Result:
        """Return the exact value of a measure."""
        if code.startswith(policy.CHECK):
            return await self._count_comparison(connection, code.removeprefix(policy.CHECK), scope)
        return await compute(connection, code, scope)


def _fits(code: str, window: Window) -> bool:
    """Return whether the figure is sensitive and the window is on its grid."""
    rule = rule_of(code, window.last)
    # A family joins stocks and flows, and each is released for windows of its own kind only.
    same = policy.is_flow(code, window.last) == (window.first is not None)
    return same and rule.sensitive and find(rule, window.first, window.last) is not None


def _strictest(codes: Sequence[str], day: date) -> Threshold:
    """Return the strictest threshold among figures that are protected together."""
    rules = [rule_of(code, day) for code in codes]
    return Threshold(max(rule.threshold for rule in rules), any(rule.zeros == "hidden" for rule in rules))


def _whole(value: int | Decimal | None) -> int:
    return int(value or 0)


def _home(place: str, day: date) -> str | None:
    """Return the area that a place has wholly become by a later day, None where it was divided.

    A place that is no area (not attributed) is returned unchanged.
    """
    book = area_book()
    return book.carried_to(place, day) if place in book.by_uid else place
