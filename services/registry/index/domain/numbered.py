"""One national ID through record time: whom it joins at every instant, and who waits for a clerk.

What an instant changes is looked at alone, and running counts say what it means for all others: a number that was filled
down a column has thousands of carriers. The rule itself is `services.linkage.joined_by`.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal
from uuid import UUID

from services.linkage import Reason, Said, SaidCounts, doubted, part_of
from services.registry.index.domain.knowledge import Interval
from services.registry.index.domain.limits import Limits
from services.registry.index.domain.through_time import Stretches, changes_of

Carrier = tuple[UUID, Said | None]
"""A reference that carries the number, and what a record of it says beside the number."""
Place = tuple[str, Literal["national_id"] | Reason]
"""In which part of the carriers a reference is joined ("": all of them), or why it waits."""


def places_through_time(
    carriers: Mapping[Carrier, Iterable[Interval]], limits: Limits
) -> dict[tuple[UUID, Place], tuple[Interval, ...]]:
    """Return when each reference has which places.

    - A reference that the number contradicts waits for that reason, whoever else carries the number, and no sound carrier does.
    - For any other reason references wait only where it follows from records of their own agency, of two references at least.

    So nothing that waits tells an agency that another one knows the number (docs/security.md).
    """
    carried = _Carried()
    placed: dict[UUID, frozenset[Place]] = {}
    stretches: Stretches[tuple[UUID, Place]] = Stretches()
    for moment, changes in changes_of(carriers, limits.begin):
        for ref in carried.change(changes, limits.at(moment)):
            before, now = placed.get(ref, frozenset()), carried.places(ref)
            for place in before - now:
                stretches.end((ref, place), moment)
            for place in now - before:
                stretches.begin((ref, place), moment)
            placed[ref] = now
    return stretches.all()


class _Agency:
    """The sound carriers among one agency's records, and what those say."""

    def __init__(self) -> None:
        self.refs: Counter[UUID] = Counter()
        self.counts = SaidCounts()

    def change(self, begins: bool, ref: UUID, said: Said) -> None:
        (self.counts.add if begins else self.counts.remove)(said)
        self.refs[ref] += 1 if begins else -1
        if not self.refs[ref]:
            del self.refs[ref]

    def reason(self, most: int | None) -> Reason | None:
        return self.counts.reason(most) if len(self.refs) > 1 else None


class _Carried:
    """Who carries the number at an instant, and what follows for each."""

    def __init__(self) -> None:
        self._said: dict[UUID, set[Said | None]] = defaultdict(set)
        self._counts = SaidCounts()
        self._agencies: dict[str, _Agency] = defaultdict(_Agency)
        self._reason: Reason | None = None
        self._told: dict[str, Reason | None] = {}

    def change(self, changes: Sequence[tuple[bool, Carrier]], most: int | None) -> set[UUID]:
        """Take over what an instant changes, and return the references for which something else may follow."""
        for begins, (ref, said) in changes:
            (self._said[ref].add if begins else self._said[ref].discard)(said)
            (self._counts.add if begins else self._counts.remove)(said)
            if said is not None and not said.doubted:
                self._agencies[said.agency].change(begins, ref, said)
        touched = {ref for _, (ref, _) in changes}
        reason, told = self._reason, self._told
        self._reason = self._counts.reason(most)
        self._told = {agency: each.reason(most) for agency, each in self._agencies.items()}
        if self._reason != reason:
            return touched | self._said.keys()
        changed = [agency for agency, each in self._told.items() if each != told.get(agency)]
        return touched.union(*(self._agencies[agency].refs for agency in changed))

    def places(self, ref: UUID) -> frozenset[Place]:
        """Return what follows for a reference now."""
        said = self._said[ref]
        sound = [each for each in said if not doubted(each)]
        if not sound:
            return frozenset({("", "structure")} if said else ())
        found: set[Place] = set()
        if self._reason is None:
            found.add(("", "national_id"))
        elif self._reason == "contradiction" and (part := part_of(sound)) is not None:
            found.add((part, "national_id"))
        for agency in {each.agency for each in sound if each is not None}:
            if (reason := self._told[agency]) is not None:
                found.add(("", reason))
        return frozenset(found)
