"""``POST /v1/records/search``: records by number, name, identity number and year of birth.

Terms are in the body, since they are personal data, and neither the audit nor a log keeps any of them.
"""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from reference import purposes_on
from services.chassis.http import Caller, Fault, Problem, Work, count_identities, guards_met
from services.chassis.persistence import AsyncSession, UnitOfWork
from services.chassis.security import READ, Principal, nobody
from services.linkage import national_id_kind
from services.registers.blind_index import Terms, folded
from services.registers.engine import Intake
from services.registers.noting import note_reading
from services.registers.record_http import RecordSummary, check_reads_rows
from services.registers.rights import Rights
from services.registers.search import Found, Question, TooWideError, search
from services.registers.search_index import CANDIDATES, folded_number
from services.registers.sight import PurposeNeededError

PAGE = 50
_PLACE = r"^[0-9]{1,4}:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
_Text = Annotated[str, Field(max_length=200)]


class RecordQuestion(BaseModel):
    """Which records: at least a number, a name or an identity number; a year of birth and the rest narrow it down.

    ``number``: of the record, or its beginning. ``name``: with or without diacritics. ``national_id``: of now or of before.
    ``from`` and ``to``: the records' own dates, both inclusive. ``after``: ``next`` of the page before.
    """

    model_config = ConfigDict(extra="forbid")

    number: _Text = ""
    name: _Text = ""
    national_id: _Text = ""
    birth_year: int | None = Field(default=None, ge=1900, le=2200)
    form: str | None = None
    unit: str | None = None
    since: date | None = Field(default=None, alias="from")
    until: date | None = Field(default=None, alias="to")
    after: str | None = Field(default=None, pattern=_PLACE)
    limit: int = Field(default=10, ge=1, le=PAGE)


class FoundRecord(RecordSummary):
    """A record that is meant. ``similarity``: 1000 is the same as asked, 990 but for diacritics, below that a part of it or
    like it; ``former``: only an earlier version of the record is meant.
    """

    similarity: int
    former: bool


class FoundRecords(BaseModel):
    """One page, the most similar first; ``next`` is the ``after`` of the next page, null on the last.

    ``whole`` is false as long as records from before the search are still being put into its index.
    """

    records: list[FoundRecord]
    next: str | None
    whole: bool


def search_router(intake: Intake) -> APIRouter:
    """Return the route; `create_app` puts authentication before it."""
    router = APIRouter(prefix="/v1/records", tags=["registers"])

    @router.post("/search", operation_id="search_records")
    async def search_records(
        asked: RecordQuestion, request: Request, caller: Caller, work: Work
    ) -> FoundRecords:
        return _answer_of(await search_as(request, caller, work, intake, asked))

    return router


async def search_as(
    request: Request, caller: Principal, work: UnitOfWork, intake: Intake, asked: RecordQuestion
) -> Found:
    """Return a page of the records that are meant, and write down of whom it tells.

    Raises:
        Problem: 403 for whose role reads no rows, for a unit's registers that are closed to the caller, and without a purpose
            where people of others are asked about; 422 for terms that cannot be used, and where too many may be meant.
    """
    met = tuple(guards_met(request, caller))
    try:
        async with work() as session:
            rights = await intake.rights(session, caller)
            check_reads_rows(intake, rights, met)
            if asked.unit is not None:
                asked = asked.model_copy(update={"unit": rights.unit_of(asked.unit)[0]})
            question = _question(intake, rights, asked, met)
            found = await search(session, intake, rights, question, met)
            await _note(request, session, caller, found)
            return found
    except PurposeNeededError:
        raise Problem(403, "purpose_needed", codes=", ".join(purposes_on(intake.today))) from None
    except TooWideError:
        raise Problem(422, "search_too_wide", limit=CANDIDATES) from None


def _question(intake: Intake, rights: Rights, asked: RecordQuestion, met: tuple[str, ...]) -> Question:
    faults = [
        Fault.of(name, None, rule)
        for name, value, usable, rule in (
            ("number", asked.number, folded_number(asked.number), "search_term_blank"),
            ("name", asked.name, folded(asked.name), "search_term_blank"),
            ("national_id", asked.national_id, national_id_kind(asked.national_id), "national_id"),
        )
        if value and not usable
    ]
    if not (asked.number or asked.name or asked.national_id):
        faults.append(Fault.of("name", None, "search_terms"))
    if asked.form is not None and asked.form not in intake.searched:
        faults.append(Fault.of("form", asked.form, "search_form", forms=", ".join(intake.searched)))
    if faults:
        raise Problem.invalid(faults)
    _check_unit(intake, rights, asked, met)
    after = None if asked.after is None else asked.after.partition(":")
    return Question(
        number=asked.number,
        who=Terms(asked.name, asked.national_id, asked.birth_year),
        form=asked.form,
        unit=asked.unit,
        since=asked.since,
        until=asked.until,
        after=None if after is None else (int(after[0]), UUID(after[2])),
        limit=asked.limit,
    )


def _check_unit(intake: Intake, rights: Rights, asked: RecordQuestion, met: tuple[str, ...]) -> None:
    """Refuse a unit none of whose registers the caller reads, whether or not it has any records."""
    forms = intake.searched if asked.form is None else [asked.form]
    if asked.unit is not None and not any(rights.reads(form, asked.unit, *met) for form in forms):
        raise Problem.refused(nobody(READ, forms[0], rights.day), "unit_scope")


async def _note(request: Request, session: AsyncSession, caller: Principal, found: Found) -> None:
    """Count the people whom the answer tells of; one where it tells that nobody of other units is meant."""
    for form, looked in found.looked.items():
        await note_reading(request, session, caller, form, looked, "search")
    if found.others and not found.looked:
        # "Not there" tells something of somebody, too: names must not be tried out by the thousand.
        await count_identities(request, session, caller, 1)


def _answer_of(found: Found) -> FoundRecords:
    last = found.following
    return FoundRecords(
        records=[
            FoundRecord.model_validate(
                RecordSummary.model_validate(hit.record).model_dump()
                | {"similarity": hit.similarity, "former": hit.former}
            )
            for hit in found.hits
        ],
        next=None if last is None else f"{last[0]}:{last[1]}",
        whole=found.whole,
    )
