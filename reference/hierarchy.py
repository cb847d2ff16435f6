"""Administrative areas through time.

An area's identity is its code *and* the date from which that meaning of the code is valid (``area_uid``, for
example ``10525@2008``): codes were reused under other names in 2025. Validity is half-open.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

Level = Literal["province", "district", "commune"]
Why = Literal["divided", "unknown", "several", "outside"]
Basis = Literal[
    "conversion_table", "province_merged", "same_code", "inferred_from_name", "by_shape", "successor_unknown"
]


@dataclass(frozen=True, slots=True)
class Area:
    """One area during one validity. ``lat``/``lon`` in degrees (WGS 84), None where not known."""

    uid: str
    code: str
    name: str
    level: Level
    parent_uid: str | None
    valid_from: date | None
    valid_to: date | None
    lat: float | None
    lon: float | None

    def exists_on(self, day: date) -> bool:
        """Return whether the area exists at that day."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day < self.valid_to
        )


@dataclass(frozen=True, slots=True)
class Succession:
    """One row of the lineage: what became of an area on a date. ``to_uid`` is None where that is not known.

    ``basis`` says how it is known; ``by_shape``: the area's land lies in ``to_uid`` from ``effective_on`` on, and what
    held it between its end and that day is not known. ``main`` marks the successor that the conversion table puts first;
    ``share`` is the part of a divided area's land that lies in ``to_uid`` by the shapes, 0 to 1.
    """

    effective_on: date
    from_uid: str
    to_uid: str | None
    kind: Literal["whole", "part", "unknown"]
    basis: Basis
    main: bool = False
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where an area of any time lies in the hierarchy of one day.

    ``uid`` is the smallest area of that day which surely holds it. Where that is not an area of its own level,
    ``lost`` is the area that could not be followed further and ``why`` the reason: it was ``divided``, its successor is
    ``unknown``, it was made of ``several`` areas of that day, or it lay ``outside`` of what that day's list holds.
    """

    uid: str
    lost: str | None = None
    why: Why | None = None


class AreaBook:
    """All areas and their lineage, with the look-ups that the services share.

    ``first_day`` is the day of the first hierarchy that the list holds.
    """

    def __init__(self, areas: Iterable[Area], lineage: Iterable[Succession], first_day: date) -> None:
        self.by_uid = {area.uid: area for area in areas}
        self._by_code: dict[str, list[Area]] = defaultdict(list)
        self._children: dict[str, list[Area]] = defaultdict(list)
        for area in self.by_uid.values():
            self._by_code[area.code].append(area)
            if area.parent_uid is not None:
                self._children[area.parent_uid].append(area)
        self._successions: dict[str, list[Succession]] = defaultdict(list)
        self._predecessions: dict[str, list[Succession]] = defaultdict(list)
        for step in lineage:
            self._successions[step.from_uid].append(step)
            if step.to_uid is not None:
                self._predecessions[step.to_uid].append(step)
        self.first_day = first_day
        self._changes = sorted({area.valid_from for area in self.by_uid.values() if area.valid_from})

    def resolve(self, code: str, day: date) -> Area | None:
        """Return the area that the code names on the day; ``code@year`` names one whatever the day; else None."""
        if "@" in code:
            return self.by_uid.get(code)
        return next((area for area in self._by_code.get(code, ()) if area.exists_on(day)), None)

    def codes_known(self, code: str) -> bool:
        """Return whether the code was ever in use."""
        return code in self._by_code or code in self.by_uid

    def named(self, code: str) -> list[Area]:
        """Return every area that ever had the code (for ``code@year`` that one), earliest first."""
        if "@" in code:
            return [self.by_uid[code]] if code in self.by_uid else []
        return sorted(self._by_code.get(code, ()), key=lambda area: area.valid_from or date.min)

    def successions(self, uid: str) -> list[Succession]:
        """Return all that is known to have become of the area, by successor."""
        return sorted(self._successions.get(uid, ()), key=lambda step: step.to_uid or "")

    def became(self, uid: str, day: date) -> list[Succession]:
        """Return what the area had become by the day, by successor.

        A row that names no successor gives way, from the day of another one on, to the one that does.
        """
        begun = [step for step in self.successions(uid) if step.effective_on <= day]
        return [step for step in begun if step.to_uid is not None] or begun

    def predecessions(self, uid: str) -> list[Succession]:
        """Return what the area was made of, by predecessor."""
        return sorted(self._predecessions.get(uid, ()), key=lambda step: step.from_uid)

    def era(self, day: date) -> date:
        """Return the day from which the hierarchy of the day holds: two days of one era have the same areas."""
        return max((change for change in self._changes if change <= day), default=self.first_day)

    def children(self, uid: str, day: date) -> list[Area]:
        """Return the areas directly below, as they are on the day, by code."""
        return sorted(
            (area for area in self._children.get(uid, ()) if area.exists_on(day)), key=lambda area: area.code
        )

    def communes(self, uid: str, day: date) -> list[Area]:
        """Return every commune in the area on the day (the area itself when it is a commune), by code."""
        area = self.by_uid[uid]
        if area.level == "commune":
            return [area]
        below = [commune for child in self.children(uid, day) for commune in self.communes(child.uid, day)]
        return sorted(below, key=lambda commune: commune.code)

    def ancestors(self, uid: str) -> list[str]:
        """Return the area's own uid and those above it, nearest first."""
        chain: list[str] = []
        current: str | None = uid
        while current is not None:
            chain.append(current)
            current = self.by_uid[current].parent_uid
        return chain

    def covers(self, upper_code: str, lower_uid: str) -> bool:
        """Return whether the area of ``upper_code`` (in any validity) is the area or lies above it."""
        return any(self.by_uid[uid].code == upper_code for uid in self.ancestors(lower_uid))

    @lru_cache(maxsize=4096)  # noqa: B019  one book lives as long as the process
    def carried_to(self, uid: str, day: date) -> str | None:
        """Return the area that a whole area has become by the day, following whole successions only.

        Its own uid while it exists; None where it was divided or its successor is not known: then nothing says
        which part a record of it belongs to, and nobody guesses.
        """
        area = self.by_uid[uid]
        if area.valid_to is None or day < area.valid_to:
            return uid
        successor = self._successor(uid, day)
        return None if successor is None else self.carried_to(successor, day)

    def _successor(self, uid: str, day: date) -> str | None:
        """The one area that the area had wholly become by the day."""
        steps = self.became(uid, day)
        return steps[0].to_uid if len(steps) == 1 and steps[0].kind == "whole" else None

    @lru_cache(maxsize=4096)  # noqa: B019
    def nearest_known(self, uid: str, day: date) -> str | None:
        """Return the smallest area of the day that surely holds the record's area: itself, its successor, or one above.

        A divided commune falls back to what lies above it on the day (its district, else its province), where
        it is listed as not attributed. None where nothing of the day holds it.
        """
        for step in self.ancestors(uid):
            carried = self.carried_to(step, day)
            if carried is not None and self.by_uid[carried].exists_on(day):
                return carried
        return None

    def origins(self, uid: str, day: date) -> frozenset[str] | None:
        """Return the areas of an earlier day that a later area was made of, wholly or in part; None where not all are known."""
        area = self.by_uid[uid]
        if area.exists_on(day):
            return frozenset({uid})
        # Of an area that had ended by the day, the land was in others by then: they are predecessors themselves.
        steps = [step for step in self._predecessions.get(uid, ()) if not self._over(step.from_uid, day)]
        # A part that is nobody's main successor is a piece of an area that somebody else's lands make up.
        if not any(step.kind == "whole" or step.main for step in steps):
            return None
        found: set[str] = set()
        for step in steps:
            further = self.origins(step.from_uid, day)
            if further is None:
                return None
            found |= further
        return frozenset(found)

    def _over(self, uid: str, day: date) -> bool:
        ended = self.by_uid[uid].valid_to
        return ended is not None and ended <= day

    def successors(self, uid: str) -> frozenset[str]:
        """Return every area that got a part of the area or of its successors, however many steps later."""
        found = {step.to_uid for step in self._successions.get(uid, ()) if step.to_uid is not None}
        return frozenset(found.union(*(self.successors(successor) for successor in found)))

    @lru_cache(maxsize=4096)  # noqa: B019
    def _placed(self, uid: str, era: date) -> Place | None:
        area = self.by_uid[uid]
        if area.exists_on(era):
            return Place(uid)
        if area.valid_from is not None and era < area.valid_from:
            return self._placed_before(uid, era)
        successor = self._successor(uid, era)
        if successor is not None:
            return self._placed(successor, era)
        above = self.nearest_known(uid, era)
        if above is None:
            return None
        return Place(
            above, uid, "divided" if any(step.to_uid for step in self.became(uid, era)) else "unknown"
        )

    def _placed_before(self, uid: str, era: date) -> Place | None:
        origins = self.origins(uid, era)
        if origins is None:
            parent = self.by_uid[uid].parent_uid
            above = None if parent is None else self._placed(parent, era)
            return None if above is None else Place(above.uid, uid, "outside")
        if len(origins) == 1:
            return Place(next(iter(origins)))
        chains = [self.ancestors(origin) for origin in sorted(origins)]
        common = next((up for up in chains[0] if all(up in chain for chain in chains)), None)
        return None if common is None else Place(common, uid, "several")

    def placed(self, uid: str, day: date) -> Place | None:
        """Return where the area lies in the hierarchy of the day, earlier or later than its own; None where nowhere.

        Forwards whole successions are followed; backwards an area made of exactly one carries over. Everything else
        falls to what lies above, with the reason: nobody guesses.
        """
        return self._placed(uid, self.era(day))
