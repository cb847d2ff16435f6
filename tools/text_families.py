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
from reference import CONCLUSION, FIGURES, Level, duty_rules
from services.chassis.kafka.dead_letters import Status as Letter
from services.chassis.operating import letters
from services.chassis.operating import words as operating
from services.chassis.security import AGENCIES, RIGHTS, ROLES, ApprovalState
from services.gateway import pages as gateway_pages
from services.gateway.operating import COLUMNS as OVERVIEW
from services.gateway.settings import SERVICES as PAGED
from services.marks import WANTED
from services.marks.standing import State
from services.matching.model import Basis
from services.registers import owing
from services.registers.duties import STATES as DUTY_STATES
from services.registers.pages.card import PARTS
from services.registers.pages.entry import Done
from services.registers.previews.model import VERDICTS
from services.registers.record_view import Step
from services.registers.stating import Outcome
from services.registry.chronology.page import HEADS as PERSON_HEADS
from services.reporting.amendments import domain as amending
from services.reporting.checks import http as checks
from services.reporting.checks.rules import RULES
from services.reporting.closing.domain import REASONS
from services.reporting.dissemination.selection import PARAMETERS as DATA
from services.reporting.documents import composing
from services.reporting.documents.requests import PARAMETERS as REPORT
from services.reporting.figures import AREA_DIMENSIONS
from services.reporting.figures import http as figures
from services.reporting.ledger.domain import STATES
from services.reporting.ledger.domain import Kind as Reminded
from services.reporting.ledger.http import PARAMETERS as LEDGER
from services.reporting.pages import (
    amendments_page,
    figure,
    hand_in_page,
    line_page,
    marking,
    rebuild_page,
    rule_tables,
)
from services.reporting.pages.checks import board_page, check_page
from services.reporting.pages.closing import desk_page, edition_page
from services.reporting.pages.reconciliation import bridge_page
from services.reporting.pages.reports import report_page
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
        "page.person.head.{}": _each("page.person.head.{}", PERSON_HEADS),
        "page.home.room.{}": _each("page.home.room.{}", PAGED),
        "page.home.about.{}": _each("page.home.about.{}", PAGED),
        "page.sign_in.{}": _each("page.sign_in.{}", get_args(gateway_pages.Sent)),
        "page.locked.{}": _each("page.locked.{}", get_args(gateway_pages.Sent)),
        "page.sign_in.{}.title": _each("page.sign_in.{}.title", ("first", "again", "anew")),
        "page.sign_in.{}.text": _each("page.sign_in.{}.text", ("first", "again", "anew")),
        "page.pin.{}": _each("page.pin.{}", gateway_pages.PIN_FAULTS),
        "page.pin.done.{}": _each("page.pin.done.{}", gateway_pages.PIN_DONE),
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
        "withdraw.{}": _each("withdraw.{}", ("withdrawn", "unchanged")),
        "statement.{}": _each("statement.{}", get_args(Outcome)),
        "record.{}": _each("record.{}", (*records.STEPS, *records.EVENTS, *records.LIST)),
        "record.step.{}": _each("record.step.{}", get_args(Step)),
        "page.card.part.{}": _each("page.card.part.{}", PARTS),
        "page.desk.done.{}": _each("page.desk.done.{}", set(get_args(Done)) - {""}),
        "page.interface.column.{}": _each(
            "page.interface.column.{}", ("name", "where", "kind", "required", "meaning", "status")
        ),
        "page.interface.in.{}": _each("page.interface.in.{}", ("path", "query", "header", "cookie")),
        "page.owed.{}": _each("page.owed.{}", set(owing.STATES) - {"late", "done"}),
        "page.owed.done.{}": _each("page.owed.done.{}", ("complete", "nil")),
        "page.statement.stands.{}": _each("page.statement.stands.{}", ("complete", "nil")),
        "page.statement.done.{}": _each("page.statement.done.{}", get_args(Outcome)),
        "page.duties.{}": _each("page.duties.{}", DUTY_STATES),
        "duty.goal.{}": _each("duty.goal.{}", ("registry.users_decided",)),
        "duty.{}": _each("duty.{}", {row.rule for row in duty_rules()}),
        "page.paste.{}.{}": frozenset(
            f"page.paste.{tense}.{each}" for tense in ("is", "was") for each in VERDICTS
        ),
        "page.paste.rows.{}": _each("page.paste.rows.{}", VERDICTS),
        "page.paste.hidden.{}": _each("page.paste.hidden.{}", ("take", "leave")),
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
        "report.part.{}": _each("report.part.{}", composing.PARTS),
        "report.state.{}": _each("report.state.{}", composing.STATES),
        "report.act.{}": _each("report.act.{}", composing.ACTS),
        "page.reports.{}": _each("page.reports.{}", ("report", "area", "span", "why", "since", "state")),
        "page.reports.why.{}": _each("page.reports.why.{}", get_args(composing.Why)),
        "page.report.{}": _each("page.report.{}", report_page.COLUMNS),
        "page.report.done.{}": _each("page.report.done.{}", composing.ACTS),
        "page.operating.age.{}": _each("page.operating.age.{}", (name for name, _ in operating.AGES)),
        "page.operating.working.{}": _each("page.operating.working.{}", operating.WORKINGS),
        "page.operating.relay.{}": _each("page.operating.relay.{}", ("sends", "stands")),
        "page.operating.column.{}": _each("page.operating.column.{}", OVERVIEW),
        "page.operating.letter_{}": _each("page.operating.letter_{}", set(get_args(Letter)) - {"waiting"}),
        "page.operating.{}": _each("page.operating.{}", (*letters.ACTIONS, *letters.FACTS)),
        "page.operating.{}_title": _each("page.operating.{}_title", letters.ACTIONS),
        "page.operating.{}_meaning": _each("page.operating.{}_meaning", letters.ACTIONS),
        "page.operating.{}_button": _each("page.operating.{}_button", letters.ACTIONS),
        "page.rules.group.{}": _each("page.rules.group.{}", rule_tables.GROUPS),
        "page.rules.of.{}": _each("page.rules.of.{}", rule_tables.TABLES),
        "page.rules.whose.{}": _each(
            "page.rules.whose.{}", {each.whose for each in rule_tables.TABLES.values()}
        ),
        "page.rules.state.{}": _each("page.rules.state.{}", rule_tables.STATES),
        "page.rules.column.{}": _each("page.rules.column.{}", rule_tables.COLUMNS),
        "page.amend.kind.{}": _each("page.amend.kind.{}", amendments_page.KINDS),
        "page.amend.column.{}": _each(
            "page.amend.column.{}", (*amendments_page.COLUMNS, *amendments_page.MOVED)
        ),
        "page.amend.state.{}": _each("page.amend.state.{}", amending.STATES),
        "page.amend.level.{}": _each("page.amend.level.{}", amendments_page.LEVELS),
        "page.rebuild.column.{}": _each("page.rebuild.column.{}", rebuild_page.COLUMNS),
        "page.rebuild.state.{}": _each("page.rebuild.state.{}", rebuild_page.STATES),
        "page.figures.kind.{}": _each("page.figures.kind.{}", {code.partition(".")[0] for code in FIGURES}),
        "page.figure.why.{}": _each("page.figure.why.{}", figure.WHY),
        "page.handin.count.{}": _each("page.handin.count.{}", ("expected", *STATES, "declared", "nil")),
        "page.handin.state.{}": _each("page.handin.state.{}", STATES),
        "page.handin.declared.{}": _each("page.handin.declared.{}", ("complete", "nil")),
        "page.handin.{}": _each("page.handin.{}", hand_in_page.COLUMNS),
        "page.checks.severity.{}": _each("page.checks.severity.{}", board_page.SEVERITIES),
        "page.checks.age.{}": _each("page.checks.age.{}", board_page.AGES),
        "page.checks.marked.{}": _each("page.checks.marked.{}", WANTED),
        "page.checks.line.{}": _each("page.checks.line.{}", check_page.COLUMNS),
        "page.checks.state.{}": _each("page.checks.state.{}", get_args(State)),
        "page.checks.{}": _each("page.checks.{}", board_page.NOT_TOLD),
        "page.line.{}": _each("page.line.{}", (*line_page.RECORD, *line_page.STEP, "state")),
        "page.line.done.{}": _each("page.line.done.{}", line_page.OUTCOMES),
        "page.mark.{}": _each("page.mark.{}", marking.KINDS),
        "page.bridge.step.{}": _each("page.bridge.step.{}", ORDER),
        "page.bridge.kind.{}": _each("page.bridge.kind.{}", bridge_page.KINDS),
        "page.bridge.{}": _each("page.bridge.{}", bridge_page.RECORD),
        "page.closing.set.{}": _each("page.closing.set.{}", desk_page.SETS),
        "page.closing.done.{}": _each("page.closing.done.{}", edition_page.OUTCOMES),
        "page.closing.{}": _each("page.closing.{}", (*edition_page.ABOUT, "as_closed", "now", "causes")),
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
