"""``/<service>/operations/consumers/…/resume``: letting a stopped consumer run again, after a question."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from services.chassis.http import Problem, operations
from services.chassis.kafka import circuit_breaker
from services.chassis.operating.models import ConfirmPage
from services.chassis.operating.place import Place
from services.chassis.web import SummaryRow, answer, moment_text
from texts import message


def add_consumers(router: APIRouter, place: Place) -> None:
    """Add both routes."""

    @router.get("/operations/consumers/{name}/resume", operation_id="page_resume")
    async def ask(name: str, request: Request, _: operations.Resumes) -> Response:
        async with place.platform.uow() as session:
            state = await circuit_breaker.load(session, name)
        if state.stopped_at is None:
            raise Problem.not_found("consumer_unknown")
        return answer(request, _question(place, name, state))

    @router.post("/operations/consumers/{name}/resume", operation_id="page_resume_consumer")
    async def resume(name: str, caller: operations.Resumes) -> Response:
        try:
            await operations.resume_stopped(place.platform, name, caller)
        except Problem:
            # Sent twice, or somebody else was first: it runs.
            if name not in {consumer.name for consumer in place.consumers()}:
                raise
        return RedirectResponse(place.home, 303)


def _question(place: Place, name: str, state: circuit_breaker.State) -> ConfirmPage:
    return ConfirmPage(
        **place.head(message("page.operating.resume_title", consumer=name)),
        facts=(
            SummaryRow(term=message("page.operating.stopped_at"), value=moment_text(state.stopped_at)),
            SummaryRow(term=message("page.operating.reason"), value=state.reason or "–"),
        ),
        meaning=message("page.operating.resume_meaning"),
        action=f"{place.home}consumers/{name}/resume",
        button=message("page.operating.resume_button"),
        back=place.home,
    )
