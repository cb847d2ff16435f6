"""The routes of reconciliation: who asks, what exactly, and what of it they may see."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, get_args

import orjson
import psycopg
from fastapi import APIRouter, Header, Request, Response

from contracts.areas import area_book
from contracts.figures import Owner
from contracts.messages import message
from contracts.units import agency_of
from services.chassis.auth import Principal
from services.chassis.db import UnitOfWork, database_error
from services.chassis.http import Caller, Problem, Work
from services.chassis.platform import Platform
from services.chassis.problems import Fault, texts
from services.reporting import desk
from services.reporting.access import may_ask, parameters_of
from services.reporting.disclosure.policy import is_sensitive, may_see_exact
from services.reporting.figures.answer import Watermark, check_known_at, read_watermark
from services.reporting.figures.questions import Question, parse_question
from services.reporting.reconciling.document import Listing
from services.reporting.reconciling.domain.waterfall import ORDER
from services.reporting.reconciling.usecases import Given, reconcile

PAGE_MOST = 1_000
_TRIES = 3
_OWN = {
    "agency": "who declared it: police, health, labour or committee",
    "against": "a second agency: walk from the first one's number to this one's",
    "records": "false: leave the lists of records out; default: true",
    "step": "list the records of this step only",
    "limit": f"records listed of each step, up to {PAGE_MOST}; default 100",
    "offset": "how many records of each step to skip",
    "declared": "a number that was not handed in as a row of the form, instead of the agency's declaration",
    "declared_as_of": "the day that it is about; default: the day asked",
    "declared_from": "the first day that it is about; default: the day asked",
    "declared_to": "the last day that it is about; default: the day asked",
    "declared_on": "when it was declared; default: with today's knowledge",
}
_ASKED = {
    "area": "area code as valid on the day asked (a period's last day), or code@year; default: the province",
    "as_of": "stocks: what is true at the end of this day; default: today",
    "from": "flows: first day of the period",
    "to": "flows: last day of the period, inclusive",
    "known_at": "what is known on our side; default: now",
    "area_of": "treatment figures: residence (default) or facility",
    "calendar": "instead of from and to: the calendar of the period",
    "period": "instead of from and to: the period's code",
    "geography": "the day whose hierarchy of areas counts; default: the day asked",
}
_WITH_VALUE = ("declared_as_of", "declared_from", "declared_to", "declared_on")


def reconciliations_router(platform: Platform) -> APIRouter:
    """All of them; authentication is put before each by the application."""
    router = APIRouter(prefix="/v1", tags=["reconciliation"])

    @router.get(
        "/reconciliations/{figure}",
        summary="What an agency declared against what the log says, as a waterfall",
        openapi_extra={"parameters": [_parameter(name, text) for name, text in (_OWN | _ASKED).items()]},
    )
    async def reconciliation(
        figure: str,
        request: Request,
        caller: Caller,
        work: Work,
        if_none_match: Annotated[str | None, Header()] = None,
    ) -> Response:
        now = platform.clock()
        given = parameters_of(request)
        rest = {name: value for name, value in given.items() if name not in _OWN and name != "by"}
        question = parse_question(figure, rest, now)
        if not may_ask(caller, question):
            raise Problem.forbidden("area_scope")
        if is_sensitive(figure, question.day) and not may_see_exact(caller, question.figure, question.day):
            raise Problem.forbidden("reconcile_exact_numbers")
        asked = _Asked(given)
        wanted = asked.listing if may_see_records(caller, question) else None
        document, watermark = await _answered(work, question, asked, wanted, now)
        if wanted is None:
            hidden = "reconcile_records_not_asked" if asked.listing is None else "reconcile_records_hidden"
            document["records_hidden"] = {"rule": hidden, **texts(message(hidden))}
        # The audit of reads keeps how many records a reader was shown.
        shown = [*document["steps"], *document.get("against", {}).get("steps", ())]
        request.state.identities = sum(len(step["records"] or ()) for step in shown)
        about = (figure, *(f"{name}={value}" for name, value in sorted(given.items())))
        # A question without its day is about today; what is shown depends on who asks.
        tag = watermark.etag("reconciliation", *about, question.day.isoformat(), str(wanted is None))
        headers = {"ETag": tag, "Khopso-Watermark": str(watermark), "Cache-Control": "private, no-cache"}
        if if_none_match is not None and tag in [part.strip() for part in if_none_match.split(",")]:
            return Response(status_code=304, headers=headers)
        return Response(orjson.dumps(document), media_type="application/json", headers=headers)

    return router


async def _answered(
    work: UnitOfWork, question: Question, asked: "_Asked", listing: Listing | None, now: datetime
) -> tuple[dict[str, Any], Watermark]:
    """The document. A generation dropped under the question's feet means that a newer one is live: once more."""
    for attempt in range(1, _TRIES + 1):
        try:
            async with desk.reading(work) as (connection, number):
                watermark = await read_watermark(connection, number)
                check_known_at(question, watermark)
                document = await reconcile(
                    connection,
                    question,
                    asked.agency,
                    now,
                    given=asked.number,
                    against=asked.against,
                    listing=listing,
                )
                return document, watermark
        except Exception as error:
            if attempt == _TRIES or not isinstance(database_error(error), psycopg.errors.UndefinedTable):
                raise
    raise AssertionError("unreachable")


def may_see_records(principal: Principal, question: Question) -> bool:
    """Officials and administrators of the committee or of the figure's owner, within their own area.

    Administrators see every area.
    """
    if principal.role not in ("official", "admin"):
        return False
    within = principal.is_admin or area_book().covers(principal.area, question.area.uid)
    return within and agency_of(principal.unit) in ("committee", question.figure.owner_on(question.day))


class _Asked:
    """The parameters of the reconciliation itself; every fault of them at once.

    Raises:
        Problem: 422.
    """

    def __init__(self, given: Mapping[str, str]) -> None:
        self._given = given
        self._faults: list[Fault] = []
        self.agency = self._agency()
        self.against = self._against()
        self.number = self._number()
        self.listing = self._listing()
        if self._faults:
            raise Problem.invalid(self._faults)

    def _fault(self, name: str, rule: str, **parts: object) -> None:
        self._faults.append(Fault.of(name, self._given.get(name), rule, **parts))

    def _agency(self) -> str | None:
        agency = self._given.get("agency") or None
        if agency not in get_args(Owner) and not (agency is None and self._given.get("declared")):
            self._fault("agency", "reconcile_agency", agencies=", ".join(get_args(Owner)))
        return agency

    def _against(self) -> str | None:
        against = self._given.get("against") or None
        if against is not None and against not in get_args(Owner):
            self._fault("against", "reconcile_agency", agencies=", ".join(get_args(Owner)))
        return against

    def _number(self) -> Given | None:
        text = self._given.get("declared")
        if not text:
            for name in _WITH_VALUE:
                if self._given.get(name):
                    self._fault(name, "reconcile_only_with_value")
            return None
        value = self._value(text)
        day = self._day("declared_to") or self._day("declared_as_of")
        return Given(value, day, self._day("declared_from"), self._day("declared_on"))

    def _value(self, text: str) -> Decimal:
        try:
            value = Decimal(text.replace(",", "."))
        except InvalidOperation:
            value = Decimal("NaN")
        if not value.is_finite() or abs(value) >= Decimal(10) ** 30:
            self._fault("declared", "reconcile_value")
            return Decimal()
        return value

    def _day(self, name: str) -> date | None:
        text = self._given.get(name)
        if not text:
            return None
        for form in ("%Y-%m-%d", "%d/%m/%Y"):
            try:
                found = datetime.strptime(text, form).date()  # noqa: DTZ007  only its date is used
            except ValueError:
                continue
            if 1900 <= found.year <= 9990:
                return found
        self._fault(name, "date")
        return None

    def _listing(self) -> Listing | None:
        asked = self._given.get("records", "true")
        if asked not in ("true", "false"):
            self._fault("records", "flag")
        limit, offset = self._count("limit", 100, 1, PAGE_MOST), self._count("offset", 0, 0, 10**9)
        step = self._given.get("step") or None
        if step is not None and step not in ORDER:
            self._fault("step", "reconcile_step", steps=", ".join(ORDER))
        if self._given.get("by"):
            self._fault("by", "reconcile_no_breakdown")
        return None if asked == "false" else Listing(limit, offset, step)

    def _count(self, name: str, default: int, least: int, most: int) -> int:
        text = self._given.get(name)
        if not text:
            return default
        if not text.isdecimal() or len(text) > 10 or not least <= int(text) <= most:
            self._fault(name, "reconcile_page", least=least, most=most)
            return default
        return int(text)


def _parameter(name: str, text: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": text, "schema": {"type": "string"}}
