"""The page of one report: what stands of it, its texts to be written, what may be done, its figures, and its history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from reference import unit_name
from services.chassis.problems import Problem
from services.chassis.web import (
    Breadcrumb,
    Cell,
    Column,
    ErrorSummary,
    FieldFault,
    Link,
    Page,
    SentForm,
    SummaryRow,
    Table,
)
from services.reporting.documents import (
    ACTS,
    PARTS,
    Act,
    Document,
    Request,
    Step,
    may_do,
    possible,
    sent,
    state_of,
    texts_of,
)
from services.reporting.figures import Reader
from services.reporting.pages import words
from services.reporting.pages.reports.pieces import Piece, pieces
from services.reporting.pages.reports.report_list import PATH, address, report_name
from texts import Message, message

COLUMNS = ("step", "who", "when", "reason")
_FILES = ("docx", "pdf", "xlsx")
_BEHIND = frozenset({"closing_behind", "closing_unkept", "closing_halted"})


@dataclass(frozen=True, kw_only=True)
class ReportPage(Page):
    """One report. ``may`` are the acts that the reader may take now; ``typed`` is what stands in the fields.

    ``lost`` is what was typed and has no field now, since the report may not be written any more: name, label, text.
    """

    template: ClassVar[str] = "report.html"
    lead: Message
    done: Message | None
    conflict: Message | None
    returned: Message | None
    state: tuple[SummaryRow, ...]
    may: tuple[Act, ...]
    action: str
    kept: tuple[tuple[str, str], ...]
    parts: tuple[tuple[str, Message], ...]
    typed: Mapping[str, str]
    lost: tuple[tuple[str, Message, str], ...]
    files: tuple[Link, ...]
    pieces: tuple[Piece, ...]
    history: Table | None


@dataclass(frozen=True, slots=True)
class Shown:
    """How the page is shown: after a step (``done``), or with what was sent and why it was refused."""

    done: str = ""
    sent: SentForm | None = None
    problem: Problem | None = None


def report_page(
    asked: Request,
    named: Mapping[str, str],
    steps: Sequence[Step],
    body: Document,
    reader: Reader,
    navigation: tuple[Link, ...],
    how: Shown,
) -> ReportPage:
    """Return the page."""
    title = report_name(asked.report)
    may = tuple(act for act in possible(state_of(steps)) if may_do(reader, act, asked, steps))
    lost = _lost(how, may)
    room = Breadcrumb(text=message("page.reporting.room"), href=words.ROOM)
    listed = Breadcrumb(text=message("page.reports.title"), href=words.ROOM + PATH)
    fresh = dict(texts_of(steps).named()) | {"reason": ""}
    return ReportPage(
        title=title,
        breadcrumbs=(room, listed, Breadcrumb(text=title)),
        navigation=navigation,
        wide=True,
        errors=_errors(how.problem),
        lead=words.both(f"{asked.area.name} · {asked.windows.label}"),
        done=message(f"page.report.done.{how.done}") if how.done in ACTS else None,
        conflict=_conflict(how.problem, may, lost),
        returned=_returned(steps),
        state=_state(steps),
        may=may,
        lost=lost,
        action=words.ROOM + f"{PATH}/{asked.report.name}",
        kept=(*named.items(), ("seen", str(len(steps)))),
        parts=tuple((name, message(f"report.part.{name}")) for name in PARTS),
        typed=fresh if how.sent is None else {name: how.sent.one(name) for name in fresh},
        files=_files(asked, named, steps),
        pieces=tuple(pieces(body.body)),
        history=_history(steps),
    )


def _errors(problem: Problem | None) -> ErrorSummary | None:
    if problem is None or problem.status == 409:
        return None
    return ErrorSummary(
        faults=tuple(FieldFault(field=fault.field, text=fault.message) for fault in problem.faults)
    )


def _lost(how: Shown, may: Sequence[Act]) -> tuple[tuple[str, Message, str], ...]:
    """Return what was sent with a step that came too late, where the page has no field for it."""
    if how.sent is None or how.problem is None or how.problem.status != 409:
        return ()
    labels = {} if "written" in may else {name: message(f"report.part.{name}") for name in PARTS}
    if not {"returned", "recalled"} & set(may):
        labels["reason"] = message("page.report.reason_field")
    typed = ((name, label, how.sent.one(name)) for name, label in labels.items())
    return tuple((name, label, text) for name, label, text in typed if text.strip())


def _conflict(
    problem: Problem | None, may: Sequence[Act], lost: Sequence[tuple[str, Message, str]]
) -> Message | None:
    """Return who was faster, and where that which was typed is: still in the fields, or only to be copied."""
    if problem is None or problem.status != 409:
        return None
    if problem.rule in _BEHIND:
        return message("page.report.behind")
    told = problem.faults[0].message if problem.faults else problem.title
    if lost:
        return message("page.report.conflict_lost", told=told)
    return message("page.report.conflict" if "written" in may else "page.report.conflict_read", told=told)


def _returned(steps: Sequence[Step]) -> Message | None:
    last = next((step for step in reversed(steps) if step.act != "written"), None)
    if last is None or last.act != "returned" or not last.reason:
        return None
    return message("page.report.returned_because", who=_who(last), reason=last.reason)


def _state(steps: Sequence[Step]) -> tuple[SummaryRow, ...]:
    stands = message(f"report.state.{state_of(steps)}") if steps else message("page.reports.not_sent")
    rows = [SummaryRow(term=message("page.report.state"), value=stands)]
    if steps:
        last = words.both(f"{_who(steps[-1])}, {words.moment_of(steps[-1].at).vi}")
        rows.append(SummaryRow(term=message("page.report.last"), value=last))
    gone = sent(steps)
    if gone is not None and gone.known_at is not None:
        rows.append(SummaryRow(term=message("page.report.known_at"), value=words.moment_of(gone.known_at)))
    return tuple(rows)


def _who(step: Step) -> str:
    return f"{step.by} ({unit_name(step.unit)})"


def _files(asked: Request, named: Mapping[str, str], steps: Sequence[Step]) -> tuple[Link, ...]:
    """Return the links to the files: of what was sent, with the figures that it was sent with."""
    gone = sent(steps)
    known = gone.known_at.isoformat() if gone is not None and gone.known_at is not None else ""
    return tuple(
        Link(
            text=message("page.report.file", format=format_.upper()),
            href=address(f"{asked.report.name}.{format_}", named, known_at=known),
        )
        for format_ in _FILES
    )


def _history(steps: Sequence[Step]) -> Table | None:
    if not steps:
        return None
    return Table(
        caption=message("page.report.history"),
        columns=tuple(Column(text=message(f"page.report.{name}")) for name in COLUMNS),
        rows=tuple(
            (
                Cell(text=message(f"report.act.{step.act}")),
                Cell(text=_who(step)),
                Cell(text=words.moment_of(step.at)),
                Cell(text=step.reason or ""),
            )
            for step in reversed(steps)
        ),
    )
