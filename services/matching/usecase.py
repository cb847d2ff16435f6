"""Matching a list with a register: reads, decides, answers; writes nothing.

Two short read transactions with a fixed number of statements; what lies between them is computed in a thread.
Keys of persons are compared in memory only: what is stored unencrypted of a record never says who it is.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from contracts.envelope import VIETNAM
from contracts.forms import Form
from reference import agency_of, area_book
from services.chassis.persistence import AsyncSession, UnitOfWork
from services.chassis.problems import Fault, Problem
from services.chassis.runtime import Clock
from services.chassis.security import READ, Principal, Refused, Target, Units, lies_in, may, nobody
from services.matching import store
from services.matching.marked import MATCH_LIST
from services.matching.matcher import explained, paired, persons_matched
from services.matching.model import Matched, Ours, Question, Theirs
from services.matching.pairing import Board
from services.matching.requests import MatchRequest
from services.matching.rows import (
    Reading,
    columns_of,
    read_rows,
    theirs_of,
)
from services.registers import Intake, Register, Rights, apply_rules, find_years
from services.registers import reading as register_reading


@dataclass(frozen=True, slots=True)
class Answered:
    """What a match found: ``listed`` is the list's form, ``form`` that of the records.

    ``looked`` counts, by unit, the people with a readable identity of whom the answer tells; somebody with several records in
    a unit's register is one of them.
    """

    listed: str
    form: Form
    matched: Matched
    looked: Mapping[str, int]
    units: frozenset[str]

    @property
    def identities(self) -> int:
        """Return how many people the answer tells of by name, number or that they are registered."""
        return sum(self.looked.values())


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks, which guards the request meets, and the unit whose records a second person has opened, if any."""

    by: Principal
    met: tuple[str, ...] = ()
    opened: str | None = None

    def sees(self, rights: Rights, form: str, unit: str, *, minor: bool = False) -> frozenset[str]:
        """Return what this reader sees of the unit's people; no approval reveals who a person under 18 is."""
        if self.opened == unit and not minor:
            return frozenset({"values", "identity"})
        return rights.sees(form, unit, *self.met, minor=minor)

    def reads(self, rights: Rights, form: str, unit: str) -> bool:
        """Return whether this reader reads the unit's records, with or without identity."""
        return bool(self.sees(rights, form, unit) & {"values", "identity"})


@dataclass(frozen=True, slots=True)
class _Loaded:
    question: Question
    theirs: list[Theirs]
    ours: list[Ours]


async def match(
    intake: Intake,
    register: Register,
    work: UnitOfWork,
    request: MatchRequest,
    reader: Reader,
    clock: Clock,
) -> Answered:
    """Return the match of the request's list with the register, as far as the caller may read it.

    Records whose identity the caller does not read with the guards that are met, and those of minors, are matched by
    their key alone, and their identity columns are not compared: even "equal" would reveal who somebody is.

    Raises:
        Problem: 403 where the list's unit is outside the caller's reach, 422 where too many records would have to
            be looked through.
    """
    kept = held_against(intake, register, request)
    async with work() as session:
        loaded = await _load(intake, register, kept, session, request, reader, clock)
    matched = await _decided(intake, work, loaded, request)
    told_of = matched.told_of()
    people = {
        (each.unit, each.person or each.record)
        for each in loaded.ours
        if each.record in told_of and each.identity is not None
    }
    looked = Counter(unit for unit, _ in people)
    named = frozenset(row.unit for row in loaded.theirs if row.unit_named)
    return Answered(register.form.name, kept, matched, looked, named)


def held_against(intake: Intake, register: Register, request: MatchRequest) -> Form:
    """Return the form of the records: the list's own, or the other one asked for, whose persons are compared."""
    if request.against is None:
        return register.form
    other = intake.registers.get(request.against)
    if other is None or not other.form.identity or not register.form.identity or not request.final:
        raise Problem.invalid([Fault.of("against", request.against, "match_against")])
    return other.form


async def _decided(intake: Intake, work: UnitOfWork, loaded: _Loaded, request: MatchRequest) -> Matched:
    if request.against is not None:
        return await asyncio.to_thread(persons_matched, loaded.question, loaded.theirs, loaded.ours)
    board = await asyncio.to_thread(paired, loaded.question, loaded.theirs, loaded.ours, request.taken)
    # A separate transaction: none stays open while the thread computes for seconds.
    histories = await _histories(intake, work, board)
    return await asyncio.to_thread(explained, board, loaded.question, request.taken, histories)


async def _load(
    intake: Intake,
    register: Register,
    kept: Form,
    session: AsyncSession,
    request: MatchRequest,
    reader: Reader,
    clock: Clock,
) -> _Loaded:
    form = register.form
    rights = await intake.rights(session, reader.by)
    request = _spelt(rights, request)
    _check_list(rights, form, request)
    if request.unit is not None and not reader.reads(rights, kept.name, request.unit):
        raise Problem.refused(nobody(READ, kept.name, rights.day), "unit_scope")
    units = await register_reading.units_of(session, kept.name)
    now = clock()
    codes_of = request.as_of or now.astimezone(VIETNAM).date()
    in_area = area_rule(request.area, codes_of, rights.units)
    reading = Reading(
        form,
        request.unit or reader.by.unit,
        request.unit is not None,
        columns_of(form, request.rows, request.columns),
        codes_of,
        cache(lambda unit: reader.reads(rights, kept.name, unit)),
        in_area,
        rights.unit_of,
    )
    found = await asyncio.to_thread(read_rows, reading, request.rows, now)
    # A broken rule may explain why a row is not in the register: it was refused.
    await apply_rules(register, session, found)
    await intake.renew_keys(session, intake.registers[kept.name])
    numbering = await intake.numbering(session, form)
    # Only of units that the caller reads: of the others a year that is asked for would tell what they have.
    within = [row for row in found if reading.in_reach(row.unit)]
    await find_years(session, numbering, within, intake.vault, rights.day)
    theirs = await asyncio.to_thread(
        lambda: [theirs_of(reading, row, intake.vault, numbering) for row in found]
    )
    named = request.units | {row.unit for row in theirs if row.unit_named}
    reach = store.Reach(
        [unit for unit in units if reader.reads(rights, kept.name, unit)],
        # Even "the name is equal" would reveal who somebody is, so it is compared only for callers who read identities.
        frozenset(unit for unit in units if "identity" in reader.sees(rights, kept.name, unit)),
        frozenset(unit for unit in units if "identity" in reader.sees(rights, kept.name, unit, minor=True)),
        rights.day,
        scope_rule(request, named, in_area),
    )
    question = Question(
        kept,
        reading.columns,
        request.as_of,
        request.final,
        request.units | ({request.unit} if request.unit is not None else set()),
        frozenset(units),
    )
    return _Loaded(question, theirs, await _records(intake, session, request, question, reach, theirs))


def _spelt(rights: Rights, request: MatchRequest) -> MatchRequest:
    """Return the request with its units as the units register spells them."""
    unit = None if request.unit is None else rights.unit_of(request.unit)[0]
    return replace(request, unit=unit, units=frozenset(rights.unit_of(code)[0] for code in request.units))


async def _records(
    intake: Intake,
    session: AsyncSession,
    request: MatchRequest,
    question: Question,
    reach: store.Reach,
    theirs: list[Theirs],
) -> list[Ours]:
    form = question.form
    keyed = [(row.unit, row.key, row.unit_named) for row in theirs if row.key is not None and row.in_reach]
    places = [(unit, key) for unit, key, _ in keyed]
    anywhere = [key for _, key, named in keyed if not named]
    try:
        if not request.final:
            return await store.at_keys(session, form.name, reach, intake.vault, places, anywhere)
        if form.identity:
            return await store.all_of(session, form.name, reach, intake.vault)
        # What earlier pages matched is left out, unless the last page names it again.
        found = await store.all_of(session, form.name, reach, intake.vault, request.taken)
        if request.taken:
            again = await store.at_keys(session, form.name, reach, intake.vault, places, ())
            found += [each for each in again if each.record in request.taken]
        return found
    except store.TooManyRecordsError:
        raise Problem(422, "match_too_many", limit=store.LIMIT) from None


async def _histories(intake: Intake, work: UnitOfWork, board: Board) -> Mapping[UUID, list[dict[str, Any]]]:
    differing = {
        pair.ours.record: pair.ours.identity is not None
        for pair in board.pairs.values()
        if pair.differences and pair.basis == "same_key"
    }
    if not differing:
        return {}
    async with work() as session:
        return await store.histories(session, intake.vault, differing)


def _check_list(rights: Rights, form: Form, request: MatchRequest) -> None:
    """Refuse (Problem 403) a list that is not of the caller's own agency."""
    unit = None if request.unit is None else rights.units.keeping(request.unit, rights.day)
    owners = frozenset[str]() if request.agency is None else frozenset({request.agency})
    decision = may(rights.actor, MATCH_LIST, Target(form.name, unit, owners=owners), rights.day)
    if isinstance(decision, Refused):
        raise Problem.refused(decision, "unit_scope")


def area_rule(area: str | None, day: date, register: Units) -> Callable[[str, str | None], bool]:
    """Return a function: whether a record of this unit and area (uid) lies in the area asked; without area, its unit.

    An area as of the day contains what became part of it, too: whole communes, and divided ones where it has all parts.
    """
    if area is None:
        return lambda _unit, _area: True
    book = area_book()
    code = area.partition("@")[0]

    @cache
    def lies(unit: str, uid: str | None) -> bool:
        if uid is None:
            return lies_in(register.keeping(unit, day), code)
        # Old records have the communes of before a merger; the caller asks for an area as it is on the list's day.
        now = book.nearest_known(uid, day)
        return book.covers(code, uid) or (now is not None and book.covers(code, now))

    return lies


def scope_rule(
    request: MatchRequest, named: frozenset[str], in_area: Callable[[str, str | None], bool]
) -> Callable[[str, str | None], bool]:
    """Return a function: whether a record is asked about, by the list's units, the agency and the area."""
    units = None if request.unit is None else named | {request.unit}

    @cache
    def counts(unit: str, area: str | None) -> bool:
        if units is not None and unit not in units:
            return False
        if request.agency is not None and agency_of(unit) != request.agency:
            return False
        return in_area(unit, area)

    return counts
