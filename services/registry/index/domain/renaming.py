"""Other tokens for the same keys: what a rotation of the linkage secret does to the index.

Tokens are made from linkage keys, so a new secret gives each key another token. Who is linked with whom, and since when,
must stay as it was. Of names that compete the order decides, which was that of the former tokens: it is kept as ranks,
from which the former tokens cannot be computed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from uuid import UUID

from services.registry.index.domain.edges import PART_NAMES, Edge, part_id
from services.registry.index.domain.knowledge import Token

Renaming = Mapping[UUID, UUID]
"""The new token of each former one; a token that is not in it keeps its name."""


def ranks(names: Iterable[Token], renaming: Renaming) -> dict[UUID, int]:
    """Return the rank of each name token under its new name, so that their order stays what it was.

    Example: of the tokens 5 (rank 1), 9 (rank 0) and 7 (no rank), renamed to 50, 90 and 70, the ranks are 90: 0, 50: 1,
    70: 2.
    """
    ordered = sorted(names, key=lambda token: token.order)
    return {renaming.get(token.id, token.id): place for place, token in enumerate(ordered)}


def parts(numbers: Iterable[UUID], renaming: Renaming) -> dict[UUID, UUID]:
    """Return the new name of each part of these numbers' carriers: it is made from the number's token."""
    return {
        part_id(number, name): part_id(renaming[number], name)
        for number in numbers
        if number in renaming
        for name in PART_NAMES
    }


def renamed(edge: Edge, renaming: Renaming) -> Edge:
    """Return the edge under the new name of its token; its id, which is made from the token, changes too."""
    return replace(edge, person=renaming.get(edge.person, edge.person))
