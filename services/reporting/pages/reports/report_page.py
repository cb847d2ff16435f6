"""The page of one report: what stands of it, its texts to be written, what may be done, its figures, and its history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

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
    WRITING,
    Act,
    Document,
    Earlier,
    Request,
    Step,
    sent,
    state_of,
    texts_of,
)
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

    ``taken_over`` says that the texts are those of an edition before, unedited; ``offer`` that there are such, which a report
    without texts may begin with, and ``earlier`` leads to them. ``lost`` is what was typed and has no field now, since the report may not be written any more: name, label, text.
    """

    template: ClassVar[str] = "report.html"
    lead: Message
    done: Message | None
    conflict: Message | None
    returned: Message | None
    taken_over: Message | None
    offer: Message | None
    earlier: Link | None
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
class Stands:
    """What stands of a report: its steps, what the reader may do now, and the texts of an edition before, if they may be taken over."""

    steps: Sequence[Step]
    may: tuple[Act, ...]
    earlier: Earlier | None


@dataclass(frozen=True, slots=True)
class Shown:
    """How the page is shown: after a step (``done``), or with what was sent and why it was refused."""

    done: str = ""
    sent: SentForm | None = None
    problem: Problem | None = None


def report_page(
    asked: Request,
    named: Mapping[str, str],
    stands: Stands,
    body: Document,
    navigation: tuple[Link, ...],
    how: Shown,
) -> ReportPage:
    """Return the page."""
    title = report_name(asked.report)
    steps, may, earlier = stands.steps, stands.may, stands.earlier
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
        taken_over=_taken_over(steps),
        offer=None if earlier is None else _offer(earlier),
        earlier=None if earlier is None else _to_edition(asked, earlier.closing),
        state=_state(steps),
        may=may,
        lost=lost,
        action=words.ROOM + f"{PATH}/{asked.report.name}",
        kept=(*named.items(), ("seen", str(len(steps)))),
        parts=tuple((name, message(f"report.part.{name}")) for name in PARTS),
        typed=fresh if how.sent is None else {name: how.sent.one(name) for name in fresh},
        files=_files(asked, named, steps),
        pieces=tuple(pieces(body.body)),
        history=_history(asked, steps),
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
    last = next((step for step in reversed(steps) if step.act not in WRITING), None)
    if last is None or last.act != "returned" or not last.reason:
        return None
    return message("page.report.returned_because", who=_who(last), reason=last.reason)


def _taken_over(steps: Sequence[Step]) -> Message | None:
    """Return that the texts that stand are those of an edition before; None as soon as somebody has edited them."""
    last = next((step for step in reversed(steps) if step.act in WRITING), None)
    if last is None or last.act != "taken_over":
        return None
    return message("page.report.taken_over", who=_who(last), when=words.moment_of(last.at))


def _offer(earlier: Earlier) -> Message:
    last = earlier.last
    when = words.moment_of(last.at)
    return message("page.report.offer", edition=earlier.edition, who=_who(last), when=when)


def _to_edition(asked: Request, closing: UUID) -> Link:
    named = {"closing": str(closing)}
    return Link(text=message("page.report.earlier"), href=address(asked.report.name, named))


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


def _history(asked: Request, steps: Sequence[Step]) -> Table | None:
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
                _why(asked, step),
            )
            for step in reversed(steps)
        ),
    )


def _why(asked: Request, step: Step) -> Cell:
    """Return why a step was taken; of texts that were taken over the way to the report to which they belong."""
    if step.source is None:
        return Cell(text=step.reason or "")
    link = _to_edition(asked, step.source)
    return Cell(text=link.text, href=link.href)
