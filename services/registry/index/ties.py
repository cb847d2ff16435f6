"""How another agency's record is tied to the caller's own, by the records alone (column ``tie`` of ``sharing.csv``).

Pure. An own record ties only a record that agrees with it in who the person is, and only if it stood already when the day of
asking began: whoever invents a row about somebody learns nothing by it.
"""

from collections.abc import Sequence
from datetime import date

from reference import area_book
from services.registers import Rights
from services.registry.index.queries import IndexedRecord, LinkedReference

FORM, DETOX, POST_DETOX = "registry", "detox", "post_detox"
_REGISTERS = frozenset({FORM, DETOX, POST_DETOX})
"""Registers of people that police and committees of a commune keep themselves; an arrest puts nobody on a register."""
_TREATMENTS = frozenset({"methadone", DETOX})
_ENDS = frozenset({"left", "transferred", "ended"})
"""What a record of a treatment tells once the treatment is over."""


def ties(
    rights: Rights, found: Sequence[LinkedReference], other: LinkedReference, record: IndexedRecord
) -> frozenset[str]:
    """Return how a record of the reference ``other`` is tied to records of the caller's own about the same person.

    - ``own_register``: the person is on the caller's register of users.
    - ``residence``: the person is on a register of the caller's, and ``record`` has a commune of the caller's area. What
      the caller's own rows say of the commune does not count.
    - ``treats``: the caller has the person in methadone treatment or detox that has not ended.

    Who requested a determination is in no column of its form, so ``requested`` ties nobody.
    """
    own = [
        (each.form, mine)
        for each in found
        # Each record of a person alone is no link: the same reference can stand in two registers of one unit only.
        if each.ref != other.ref
        for mine in each.records
        if mine.unit == rights.actor.unit.code and mine.stood and agree(mine, record)
    ]
    known = set[str]()
    area = rights.actor.unit.area
    if area is not None and any(form in _REGISTERS for form, _ in own):
        if any(form == FORM for form, _ in own):
            known.add("own_register")
        if record.commune is not None and _lies_in(area, record.commune, rights.day):
            known.add("residence")
    if any(form in _TREATMENTS and _goes_on(mine) for form, mine in own):
        known.add("treats")
    return frozenset(known)


def agree(mine: IndexedRecord, other: IndexedRecord) -> bool:
    """Return whether both records have the same name, birth date and sex, and no two national IDs of one length.

    A national ID alone is known to many and proves nothing. A record with the year of birth alone has no token of its name
    (``name_birth_sex`` is null): nobody can tell whether it agrees, so it ties nothing.
    """
    if mine.name_birth_sex is None or mine.name_birth_sex != other.name_birth_sex:
        return False
    numbers = ((mine.nid12, other.nid12), (mine.nid9, other.nid9))
    return all(None in pair or pair[0] == pair[1] for pair in numbers)


def _goes_on(mine: IndexedRecord) -> bool:
    """Return whether the treatment goes on, and did when the day began: an end that was taken back today opens nothing."""
    return not _ENDS & (mine.shared.keys() | mine.shared_before.keys())


def _lies_in(area: str, commune: str, day: date) -> bool:
    """Return whether the commune is the area or lies in it, as recorded or by what it has become by the day."""
    book = area_book()
    now = book.nearest_known(commune, day)
    return book.covers(area, commune) or (now is not None and book.covers(area, now))
