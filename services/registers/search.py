"""Searching records by number, name, identity number and year of birth, as far as the caller reads them.

The blind index names candidates; who they are about is decrypted and compared before anything is answered. What the caller
may not read is no candidate in the first place, so it is neither shown nor counted.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from contracts.forms import Form
from services.chassis.persistence import AsyncSession
from services.registers import search_index, store
from services.registers.blind_index import EXACT, Terms, has_number, similarity, year_of
from services.registers.engine import Intake
from services.registers.reading import is_minor
from services.registers.record_view import View, summary
from services.registers.rights import Rights
from services.registers.search_index import CANDIDATES, Candidate, Scope, Wanted
from services.registers.sight import PurposeNeededError, Sight

_GUARDS = ("purpose", "step_up")
BEGINS = 900
"""Similarity of a number that only begins with the asked one."""


class TooWideError(Exception):
    """More records than one search compares may be meant: more of the name, a year of birth or a unit is needed."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is searched: ``number`` of a record, terms of ``who`` it is about, and where: form, unit, period of own dates.

    ``after`` is the place of the last record of the page before: its similarity and id.
    """

    number: str = ""
    who: Terms = field(default_factory=Terms)
    form: str | None = None
    unit: str | None = None
    since: date | None = None
    until: date | None = None
    after: tuple[int, UUID] | None = None
    limit: int = 10


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that is meant, how like the question it is (`EXACT` is the same), and whether only a former version is."""

    record: View
    similarity: int
    former: bool


@dataclass(slots=True)
class Found:
    """One page, the most similar first. ``following`` is the place of its last record where more follow.

    ``looked`` are people by form and unit whose identity the page tells, of those that count; ``others``: people of other units
    were asked about, so that an answer without any of them tells something, too. ``whole``: no record is missing because the
    index of records from before it is not filled yet.
    """

    hits: list[Hit] = field(default_factory=list)
    following: tuple[int, UUID] | None = None
    looked: dict[str, Mapping[str, int]] = field(default_factory=dict)
    others: bool = False
    whole: bool = True


@dataclass(frozen=True, slots=True)
class _Match:
    candidate: Candidate
    similarity: int
    former: bool
    minor: bool

    @property
    def place(self) -> tuple[int, UUID]:
        return (-self.similarity, self.candidate.record)


async def search(
    session: AsyncSession, intake: Intake, rights: Rights, question: Question, met: tuple[str, ...]
) -> Found:
    """Return a page of the records that are meant.

    Raises:
        PurposeNeededError: people of other units are asked about, and no purpose is stated.
        TooWideError: too many records may be meant.
        DecryptionFailedError: an identity is under a field key that is not configured any more.
    """
    forms = _forms(intake, question)
    scope = await _scope(session, rights, forms, question, met)
    others = bool(question.who) and any(
        "identity" not in rights.sees(form, unit, minor=False) for form, unit in scope
    )
    found = Found(others=others, whole=await intake.index_is_whole(session))
    if not scope:
        return found

    def visible(match: _Match) -> bool:
        place = match.candidate.form, match.candidate.unit
        return not question.who or "identity" in rights.sees(*place, *met, minor=match.minor)

    matches = await _matches(session, intake, scope, question, visible)
    following = sorted(matches, key=lambda match: match.place)
    if question.after is not None:
        last = (-question.after[0], question.after[1])
        following = [match for match in following if match.place > last]
    page = following[: question.limit]
    if len(following) > len(page):
        found.following = (page[-1].similarity, page[-1].candidate.record)
    await _tell(session, intake, rights, page, met, found)
    return found


def _forms(intake: Intake, question: Question) -> dict[str, Form]:
    forms = {name: each.form for name, each in intake.registers.items() if each.form.searched}
    if question.who:
        forms = {name: form for name, form in forms.items() if any(c.identity for c in form.columns)}
    return {name: form for name, form in forms.items() if question.form in (None, name)}


async def _scope(
    session: AsyncSession,
    rights: Rights,
    forms: Iterable[str],
    question: Question,
    met: tuple[str, ...],
) -> Scope:
    """Return the registers that the caller may search for this, by rights alone and never by what is found there."""
    if question.unit is not None:
        known = [(form, question.unit) for form in forms]
    else:
        wanted = set(forms)
        known = [place for place in await search_index.registers(session) if place[0] in wanted]
    if not question.who:
        return [(form, unit) for form, unit in known if rights.reads(form, unit, *met)]
    # Of some units the caller reads people under 18 alone; who is one is known only of what is found.
    readable = [
        (form, unit)
        for form, unit in known
        if "identity" in rights.sees(form, unit, *met) | rights.sees(form, unit, *met, minor=True)
    ]
    if "purpose" not in met:
        closed = set(known) - set(readable)
        if any("identity" in rights.sees(form, unit, *_GUARDS) for form, unit in closed):
            raise PurposeNeededError
    return readable


async def _matches(
    session: AsyncSession,
    intake: Intake,
    scope: Scope,
    question: Question,
    visible: Callable[[_Match], bool],
) -> list[_Match]:
    """Return the records that are meant and ``visible``, of names that are alike where none has the name itself."""
    blind, who = intake.vault.blind, question.who
    found = await _compared(session, intake, scope, question, blind.asked(who) if who else ())
    shown = [match for match in found if visible(match)]
    if not shown and who.name and (loosely := blind.asked_loosely(who)):
        # Only where nobody has the name: names that are like it are many more to compare. Whom the caller does not read
        # counts as nobody, or what is found instead would tell whether somebody under 18 has the name.
        found = await _compared(session, intake, scope, question, loosely)
        shown = [match for match in found if visible(match)]
    return shown


async def _compared(
    session: AsyncSession,
    intake: Intake,
    scope: Scope,
    question: Question,
    tokens: Sequence[Sequence[int]],
) -> list[_Match]:
    number = search_index.folded_number(question.number)
    wanted = Wanted(number, tokens, question.since, question.until)
    found = await search_index.candidates(session, scope, wanted)
    if len(found) > CANDIDATES:
        raise TooWideError
    if not question.who:
        return [
            _Match(each, EXACT if each.number == number else BEGINS, former=False, minor=False)
            for each in found
        ]
    sealed = await search_index.identities(session, [each.record for each in found])
    return await asyncio.to_thread(_opened, intake, question, found, sealed)


def _opened(
    intake: Intake,
    question: Question,
    candidates: Sequence[Candidate],
    sealed: Sequence[tuple[UUID, bytes, bool]],
) -> list[_Match]:
    """Return the candidates of whom a version is meant, each by its best one; of equal ones by that which stands."""
    best: dict[UUID, tuple[int, bool]] = {}
    minors: set[UUID] = set()
    for record, identity, stands in sealed:
        who = intake.vault.unseal(record, identity)
        if is_minor(who, intake.today):
            minors.add(record)
        best[record] = max(best.get(record, (0, False)), (_likeness(question.who, who), stands))
    return [
        _Match(each, likeness, former=not stands, minor=each.record in minors)
        for each in candidates
        for likeness, stands in [best.get(each.record, (0, False))]
        if likeness
    ]


def _likeness(who: Terms, identity: Mapping[str, Any]) -> int:
    """Return how like the asked person somebody is, 0 where any term does not fit."""
    if who.national_id and not has_number(who.national_id, identity):
        return 0
    if who.birth_year is not None:
        born = identity.get("birth_date")
        if not born or year_of(born) != who.birth_year:
            return 0
    return similarity(who.name, str(identity.get("full_name", ""))) if who.name else EXACT


async def _tell(
    session: AsyncSession,
    intake: Intake,
    rights: Rights,
    page: Sequence[_Match],
    met: tuple[str, ...],
    found: Found,
) -> None:
    stored = {
        each.head.record_id: each
        for each in await store.at_addresses(session, [m.candidate.record for m in page])
    }
    sights: dict[str, Sight] = {}
    for match in page:
        form = match.candidate.form
        if form not in sights:
            sights[form] = Sight(intake.registers[form].form, rights, intake.vault, met, reads=True)
    for form, sight in sights.items():
        await sight.learn(session, [m.candidate.record for m in page if m.candidate.form == form])
    for match in page:
        view = summary(stored[match.candidate.record], sights[match.candidate.form])
        found.hits.append(Hit(view, match.similarity, match.former))
    found.looked = {form: sight.looked for form, sight in sights.items() if sight.looked}
