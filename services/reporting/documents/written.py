"""What officials have written in a report, as parts of its document. Pure."""

from collections.abc import Sequence

from services.reporting.documents.composing.domain import Step, sent, state_of, texts_of
from services.reporting.documents.document import Paragraph, Text
from services.reporting.documents.vietnamese import moment
from texts import message

Written = tuple[str, tuple[Paragraph, ...]]
"""A heading, and the paragraphs below it."""
_DASHES = ("- ", "– ", "+ ", "• ")


def written_parts(steps: Sequence[Step]) -> tuple[Written, ...]:
    """Return the texts that stand with their headings; those that are empty are left out, those not sent are called a draft."""
    return tuple(
        (
            _heading(name, draft=sent(steps) is None),
            tuple(_paragraph(line) for line in text.splitlines() if line.strip()),
        )
        for name, text in texts_of(steps).named()
        if text.strip()
    )


def written_lines(steps: Sequence[Step]) -> tuple[tuple[str, str], ...]:
    """Return what a document says of where its texts are from: their version, when it was written, and what stands of it."""
    if not any(part for part in written_parts(steps)):
        return ()
    last = steps[-1]
    state = message(f"report.state.{state_of(steps)}").vi
    return ((message("report.texts").vi, f"{last.number}; {moment(last.at)}; {state}"),)


def _heading(name: str, *, draft: bool) -> str:
    part = message(f"report.part.{name}")
    return message("report.draft", part=part).vi if draft else part.vi


def _paragraph(line: str) -> Paragraph:
    said = line.strip()
    for dash in _DASHES:
        if said.startswith(dash):
            return Paragraph((Text(said.removeprefix(dash).strip()),), "item")
    return Paragraph((Text(said),))
