"""What the routes of checks answer: the question, the check, its findings, each as JSON."""

from collections.abc import Mapping
from typing import Any

import orjson
from fastapi import Response

from reference import area_book
from services.chassis.problems import texts
from services.reporting.checks.queries import Found, Trace
from services.reporting.checks.remedies import remedies
from services.reporting.checks.requests import CheckRequest
from services.reporting.checks.usecases import Check, Outcome
from services.reporting.figures import Watermark


def heading(asked: CheckRequest, now: str) -> dict[str, Any]:
    """Return what every answer of a check begins with: what was asked."""
    question = asked.question
    return {
        "area": question.area_as_asked,
        "as_of": asked.day.isoformat(),
        "from": asked.first.isoformat(),
        "to": asked.day.isoformat(),
        "known_at": question.known_as_asked or now,
    }


def about(check: Check, asked: CheckRequest) -> dict[str, Any]:
    """Return name, remedy and owner of a check."""
    scope = asked.scope()
    name = check.name()
    return {
        "rule": check.code,
        "vi": name.vi,
        "en": name.en,
        "todo": texts(check.todo()),
        "remedies": [remedy.document() for remedy in remedies(check.code)],
        "owner": check.owner(scope),
        "subject": check.subject,
    }


def outcome_document(outcome: Outcome, asked: CheckRequest) -> dict[str, Any]:
    """Return what a check found: the count, rows by area, and one page of the list."""
    document: dict[str, Any] = {"count": outcome.count, **outcome.more}
    by = asked.question.by
    if outcome.rows is not None and by is not None:
        document["rows"] = [{by: row, "value": number} for row, number in outcome.rows.items()]
        # A person can be in two rows; without this number readers would think that the total is wrong.
        document["overlap"] = sum(outcome.rows.values()) - outcome.count
    page = outcome.page
    document["findings"] = None if page is None else [finding_document(found) for found in page]
    full = page is not None and len(page) == asked.limit
    document["next"] = page[-1].subject if page and full else None
    return document


def finding_document(found: Found) -> dict[str, Any]:
    """Return one line of a list."""
    document: dict[str, Any] = {
        "subject": found.subject,
        "records": [trace_document(trace) for trace in found.traces],
    }
    return document | ({} if found.about is None else {"about": found.about})


def trace_document(trace: Trace) -> dict[str, Any]:
    """Return one record behind a line."""
    area = None if trace.area is None else area_book().by_uid.get(trace.area)
    return {
        "record": None if trace.record_id is None else str(trace.record_id),
        "unit": trace.unit,
        "facility": trace.facility,
        "area": trace.area,
        "area_name": None if area is None else area.name,
        "since": None if trace.since is None else trace.since.isoformat(),
        **({} if trace.agency is None else {"agency": trace.agency, "form": trace.form}),
    }


def answer_of(document: Mapping[str, Any], watermark: Watermark | None) -> Response:
    """Return the document as an answer that no cache keeps."""
    # Lists of records must not stay in a cache on the way or in the browser.
    headers = {"Cache-Control": "private, no-store"}
    if watermark is not None:
        headers["Khopso-Watermark"] = str(watermark)
    return Response(orjson.dumps(document), media_type="application/json", headers=headers)
