"""Message ids that the code puts together: the shape of the f-string → the ids that it can stand for."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import get_args

from contracts.forms import Kind
from deploy.embedded.state import Phase, ProcessState
from khopso import cli, line_marks
from khopso.commands import check, records
from khopso.registers import book, guide_sheet, lists, worklist
from reference import CONCLUSION, FIGURES, Level
from services.chassis.security import AGENCIES, RIGHTS, ROLES, ApprovalState
from services.gateway.settings import SERVICES as PAGED
from services.matching.model import Basis
from services.registers.pages.entry import Done
from services.registers.record_view import Step
from services.registers.stating import Outcome
from services.reporting.checks import http as checks
from services.reporting.checks.rules import RULES
from services.reporting.closing.domain import REASONS
from services.reporting.dissemination.selection import PARAMETERS as DATA
from services.reporting.documents.requests import PARAMETERS as REPORT
from services.reporting.figures import AREA_DIMENSIONS
from services.reporting.figures import http as figures
from services.reporting.ledger.domain import STATES
from services.reporting.ledger.domain import Kind as Reminded
from services.reporting.ledger.http import PARAMETERS as LEDGER
from services.reporting.pages import figure, hand_in_page
from services.reporting.reconciliation.domain.changes import Reason
from services.reporting.reconciliation.domain.waterfall import ORDER
from services.reporting.reconciliation.requests import OWN, QUESTION

_OPENAPI = Path(__file__).parents[1] / "contracts" / "openapi"
_FLOW = ("entered", "left", "repeated_in", "repeated_out", "second", "unexplained")
_RESTATED = ("withdrawn", "linked", "separated", "late")
_HINTS = (
    "tone_marks",
    "name_order",
    "one_letter",
    "one_digit",
    "digits_swapped",
    "day_month",
    "old_new_id",
    "power_of_ten",
    "year_only",
    "only_here",
    "only_there",
    "invalid",
)
_STEPS_OF_AREAS = ("other_date", "changed_since")


def families() -> Mapping[str, frozenset[str]]:
    """Return shape → ids; a shape is the f-string with ``{}`` for every part that is put in."""
    bases = set(get_args(Basis)) - {"same_key"}
    where = ("declared", "asked")
    return {
        "api.{}": _each("api.{}", _operations()),
        "api.parameter.{}.{}": frozenset(_of_parameters()),
        "check.{}{}": frozenset(_of_checks()),
        "right.{}": _each("right.{}", RIGHTS),
        "approval_{}": _each("approval_{}", set(ApprovalState) - {ApprovalState.APPROVED}),
        "page.home.room.{}": _each("page.home.room.{}", PAGED),
        "page.home.about.{}": _each("page.home.about.{}", PAGED),
        "page.sign_in.{}": _each("page.sign_in.{}", ("kept", "lost")),
        "page.sign_in.{}.title": _each("page.sign_in.{}.title", ("first", "again", "anew")),
        "page.sign_in.{}.text": _each("page.sign_in.{}.text", ("first", "again", "anew")),
        "role.{}": _each("role.{}", ROLES),
        "holder.level.{}": _each("holder.level.{}", get_args(Level)),
        "holder.agency.{}": _each("holder.agency.{}", AGENCIES),
        "check.flow.{}": _each("check.flow.{}", _FLOW),
        "check.restated.{}": _each("check.restated.{}", _RESTATED),
        "check.mark.{}": _each("check.mark.{}", line_marks.MarkKind),
        "check.class.{}": _each("check.class.{}", check.CLASSES),
        "cli.{}.help": _each("cli.{}.help", cli.TOP_COMMANDS),
        "backup_file_{}": _each("backup_file_{}", ("missing", "unreadable", "changed")),
        "sql.{}": _each("sql.{}", ("cells", "rows")),
        "stack.{}": _each("stack.{}", (*get_args(Phase), "unsupervised")),
        "stack.process.{}": _each("stack.process.{}", get_args(ProcessState)),
        "closing_reason_{}": _each("closing_reason_{}", REASONS),
        "match.{}": _each("match.{}", bases),
        "ledger.{}": _each("ledger.{}", ("expected", *STATES, "declared", "nil", "complete")),
        "reminder.{}": _each("reminder.{}", get_args(Reminded)),
        "statement.{}": _each("statement.{}", get_args(Outcome)),
        "record.{}": _each("record.{}", (*records.STEPS, *records.EVENTS, *records.LIST)),
        "record.step.{}": _each("record.step.{}", get_args(Step)),
        "page.desk.done.{}": _each("page.desk.done.{}", set(get_args(Done)) - {""}),
        "page.desk.of.{}": _each("page.desk.of.{}", ("registry", "treatment", "incidents")),
        "search.ask.{}": _each("search.ask.{}", records.ASKED),
        "dimension.{}": _each("dimension.{}", _dimensions()),
        "left_out_{}": _each("left_out_{}", ("total", "signature", "header", "heading", "example")),
        "match.count.{}": _each("match.count.{}", lists.COUNTS),
        "match.kind.{}": _each("match.kind.{}", lists.KINDS),
        "template.kind.{}": _each("template.kind.{}", set(Kind) - book.PATTERNS.keys()),
        "book.step.{}": _each("book.step.{}", guide_sheet.STEPS),
        "word.{}": _each("word.{}", ("yes", "no")),
        "worklist.{}": _each("worklist.{}", (*worklist.BEFORE, *worklist.AFTER, "count")),
        "worklist.newer.{}": _each("worklist.newer.{}", ("theirs", "ours")),
        "worklist.scope.{}": _each("worklist.scope.{}", ("unit", "area", "agency", "as_of", "against")),
        "worklist.state.{}": _each("worklist.state.{}", worklist.STATES),
        "match.newer_{}": _each("match.newer_{}", ("theirs", "ours")),
        "match.hint.{}": _each("match.hint.{}", _HINTS),
        "reconcile_step_{}": _each("reconcile_step_{}", ORDER),
        "reconcile_why_{}": _each("reconcile_why_{}", {*get_args(Reason), *_STEPS_OF_AREAS, *CONCLUSION}),
        "reconcile_why_event_{}_but_changed": _each("reconcile_why_event_{}_but_changed", where),
        "reconcile_why_event_{}_only": _each("reconcile_why_event_{}_only", where),
        "reconcile_why_state_{}_but_changed": _each("reconcile_why_state_{}_but_changed", where),
        "reconcile_why_state_{}_only": _each("reconcile_why_state_{}_only", where),
        "page.figures.kind.{}": _each("page.figures.kind.{}", {code.partition(".")[0] for code in FIGURES}),
        "page.figure.why.{}": _each("page.figure.why.{}", figure.WHY),
        "page.handin.count.{}": _each("page.handin.count.{}", ("expected", *STATES, "declared", "nil")),
        "page.handin.state.{}": _each("page.handin.state.{}", STATES),
        "page.handin.declared.{}": _each("page.handin.declared.{}", ("complete", "nil")),
        "page.handin.{}": _each("page.handin.{}", hand_in_page.COLUMNS),
        "{}_unknown": frozenset({"area_unknown", "commune_unknown"}),
    }


def _each(shape: str, names: Iterable[str]) -> frozenset[str]:
    return frozenset(shape.format(name) for name in names)


def _operations() -> Iterator[str]:
    """Yield the operation ids of the committed OpenAPI documents."""
    for path in sorted(_OPENAPI.glob("*.json")):
        paths = json.loads(path.read_text(encoding="utf-8"))["paths"]
        yield from (operation["operationId"] for methods in paths.values() for operation in methods.values())


def _of_parameters() -> Iterator[str]:
    """Yield the texts of query parameters that routes read by themselves."""
    named = {
        "figure": figures.RATED,
        "check": checks.QUESTION + checks.LISTED + checks.MARKED,
        "overlap": ("by",),
        "reconciliation": OWN + QUESTION,
        "reconciliations": ("area",),
        "data": (*DATA, "format"),
        "report": REPORT,
        "ledger": LEDGER,
    }
    yield from (f"api.parameter.{group}.{name}" for group, names in named.items() for name in names)


def _dimensions() -> set[str]:
    """Return everything that a figure can be broken down by."""
    return {
        *AREA_DIMENSIONS,
        "facility",
        *(name for figure in FIGURES.values() for name in figure.dimensions),
    }


def _of_checks() -> Iterator[str]:
    for code in (*RULES, "balance", "overlap", "recompute"):
        yield from (f"check.{code}", f"check.{code}.todo")
