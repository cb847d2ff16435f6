"""What joins records to one human being as a caller may know it: by records that the caller sees, and by no others. Pure."""

from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from uuid import UUID

from services.linkage import Groups
from services.registry.index.queries import Link, LinkedReference
from services.registry.index.ties import agree


class Joining:
    """References of one human being that a caller sees, and the keys that two of them share."""

    def __init__(self, seen: Sequence[LinkedReference]) -> None:
        self._seen = seen
        carriers = Counter(key for _, key in {(each.ref, link.key) for each in seen for link in each.links})
        self._shared = {key for key, references in carriers.items() if references > 1}

    def links_of(self, ref: UUID) -> list[Link]:
        """Return the links of the reference by keys that another reference that is seen has, too."""
        return [
            link for each in self._seen if each.ref == ref for link in each.links if link.key in self._shared
        ]

    def reached_from(self, ref: UUID) -> set[UUID]:
        """Return the references that are joined with this one, itself included, by shared keys or as the same name."""
        groups: Groups[UUID] = Groups()
        for one, other in combinations(self._seen, 2):
            keys = {link.key for link in one.links} & {link.key for link in other.links}
            if keys or _agree(one, other):
                groups.join(one.ref, other.ref)
        return {each.ref for each in self._seen if groups.find(each.ref) == groups.find(ref)}


def _agree(one: LinkedReference, other: LinkedReference) -> bool:
    return any(agree(mine, theirs) for mine in one.records for theirs in other.records)
