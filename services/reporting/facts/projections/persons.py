"""Human beings through record time: connected components of references and person tokens."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from services.linkage import Groups


class Edge(NamedTuple):
    """A reference belongs to a token, as known from ``known_from`` until ``known_to``."""

    ref: str
    token: str
    known_from: datetime
    known_to: datetime


class PersonRow(NamedTuple):
    """During an interval of record time a reference belongs to the human being who is named by another reference.

    A human being is named by the one of their references that was linked first; that reference has no row of its own.
    """

    ref: str
    person: str
    known_from: datetime
    known_to: datetime


def histories(edges: Iterable[Edge]) -> list[PersonRow]:
    """Return which reference was named by which other one, and when (record time).

    ``edges`` must contain every connected component whole, over all of record time.
    """
    # A link with an empty interval was never in force, so it must not name anybody.
    real = [edge for edge in edges if edge.known_from < edge.known_to]
    return [row for component in _components(real) for row in _history(component)]


def _components(edges: Sequence[Edge]) -> list[list[Edge]]:
    groups: Groups[str] = Groups()
    for edge in edges:
        groups.join(edge.ref, f"token {edge.token}")
    found: dict[str, list[Edge]] = defaultdict(list)
    for edge in edges:
        found[groups.find(edge.ref)].append(edge)
    return list(found.values())


def _history(edges: Sequence[Edge]) -> list[PersonRow]:
    # Over all links, ended ones too: else a person would change names whenever a link of the first reference ends.
    first: dict[str, tuple[datetime, str]] = {}
    for edge in edges:
        # Of two references linked at the same instant the lesser text names the person, the same in every rebuild.
        first[edge.ref] = min(first.get(edge.ref, (edge.known_from, edge.ref)), (edge.known_from, edge.ref))
    instants = sorted({instant for edge in edges for instant in (edge.known_from, edge.known_to)})
    rows: list[PersonRow] = []
    holding: dict[str, tuple[str, datetime]] = {}
    for at in instants:
        names = _names([edge for edge in edges if edge.known_from <= at < edge.known_to], first)
        for ref in [ref for ref, (person, _) in holding.items() if names.get(ref) != person]:
            person, since = holding.pop(ref)
            rows.append(PersonRow(ref, person, since, at))
        for ref, person in names.items():
            holding.setdefault(ref, (person, at))
    return rows


def _names(edges: Sequence[Edge], first: dict[str, tuple[datetime, str]]) -> dict[str, str]:
    groups: Groups[str] = Groups()
    for edge in edges:
        groups.join(edge.ref, f"token {edge.token}")
    refs = {edge.ref for edge in edges}
    chosen: dict[str, str] = {}
    for ref in sorted(refs, key=first.__getitem__):
        chosen.setdefault(groups.find(ref), ref)
    return {ref: name for ref in refs if (name := chosen[groups.find(ref)]) != ref}
