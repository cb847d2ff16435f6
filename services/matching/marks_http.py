"""The route that marks what a match found."""

from fastapi import APIRouter, Request

from services.chassis.http import Caller, Problem, Work, platform_of, require_purpose
from services.chassis.problems import documented
from services.chassis.runtime import get_logger
from services.marks import Author, MarkAnswer, MarkRequest, Notes, faults_of, put_mark
from services.matching.marked import check_may_mark, find_line, marked_list
from services.registers import Intake

_log = get_logger(__name__)
# A mark says of a record what is to be done about it: whoever makes one says what for, as on every other list.
_GUARDS = frozenset({"purpose"})


def match_marks_router(intake: Intake, notes: Notes) -> APIRouter:
    """Return the route; `create_app` puts authentication before it."""
    router = APIRouter(prefix="/v1", tags=["registers"])

    @router.post(
        "/forms/{form}/matches/marks",
        operation_id="mark_match_line",
        responses={409: documented("api.response.mark_changed")},
    )
    async def mark_line(
        form: str, given: MarkRequest, request: Request, caller: Caller, work: Work
    ) -> MarkAnswer:
        register = intake.registers.get(form)
        if register is None:
            raise Problem.not_found("form_unknown")
        kept, marking = register.form, given.marking
        async with work() as session:
            rights = await intake.rights(session, caller)
            check_may_mark(rights, kept)
            require_purpose(request, _GUARDS)
            faults = [*faults_of(marking, rights.day, None)]
            if faults:
                raise Problem.invalid(faults)
            line = await find_line(session, rights, kept, marking)
        author = Author(caller.subject, caller.unit, rights.day)
        outcome, marks = await put_mark(platform_of(request), notes, author, marked_list(kept), line, marking)
        _log.info("line marked", form=form, mark=given.mark, outcome=outcome)
        return MarkAnswer.of(form, given.line, outcome, marks)

    return router
