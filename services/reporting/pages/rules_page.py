"""``/reporting/rules/``: the rules by which rights and figures go, each row with its days."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response

from contracts.envelope import VIETNAM
from reference import DayChange, listed_days_off, province
from services.chassis.http import Caller, Problem, Work, has_right
from services.chassis.persistence import UnitOfWork, raw
from services.chassis.platform import Platform
from services.chassis.web import Breadcrumb, Cell, Column, Kind, Link, Page, Table, Text, answer
from services.reporting.amendments import changes_at
from services.reporting.amendments.domain import DAYS_OFF
from services.reporting.amendments.usecases import RIGHT
from services.reporting.pages import amendments_page
from services.reporting.pages.rule_tables import (
    GROUPS,
    TABLES,
    Group,
    RuleTable,
    State,
    cell_of,
    changes_of,
    days_off_until,
    state_of,
)
from texts import Message, day_written, message, number_message

PATH = "rules/"
HOME = f"/reporting/{PATH}"
_KINDS: dict[State, Kind] = {"in_force": "good", "coming": "warning", "ended": "plain"}
_FROM_MONTH = 11
"""In November the coming year's days off should be known: its first days for handing in are in January."""


@dataclass(frozen=True, kw_only=True)
class RulesPage(Page):
    """All tables of rules; ``missing`` says what somebody should enter soon."""

    template: ClassVar[str] = "rules.html"
    about: Text
    missing: Text
    groups: tuple[Table, ...]


@dataclass(frozen=True, kw_only=True)
class RuleTablePage(Page):
    """One table of rules; ``changed`` lies over it, and ``change`` leads to where administrators change it."""

    template: ClassVar[str] = "rule_table.html"
    about: Text
    rules: Table
    changed: Table | None = None
    change: Link | None = None


def add_rules(router: APIRouter, platform: Platform) -> None:
    """Add both routes. Rules name nobody and count nothing: whoever has signed in may read by what he is judged."""

    @router.get(f"/{PATH}", operation_id="page_rules")
    async def rules(request: Request, _: Caller) -> Response:
        return answer(request, _index(platform.clock().astimezone(VIETNAM).date()))

    @router.get(f"/{PATH}{{table}}", operation_id="page_rule_table")
    async def rule_table(table: str, request: Request, caller: Caller, work: Work) -> Response:
        if table not in TABLES:
            raise Problem.not_found()
        page = _page(TABLES[table], platform.clock().astimezone(VIETNAM).date())
        if table == DAYS_OFF:
            may_change = has_right(request, caller, RIGHT)
            page = _with_changes(page, await _changed(platform, work), may_change=may_change)
        return answer(request, page)


async def _changed(platform: Platform, work: UnitOfWork) -> list[DayChange]:
    async with work() as session:
        return await changes_at(await raw(session), platform.clock())


def _with_changes(page: RuleTablePage, changes: Sequence[DayChange], *, may_change: bool) -> RuleTablePage:
    lead = Link(text=message("page.amend.lead"), href=amendments_page.HOME)
    return replace(
        page,
        changed=amendments_page.confirmed_table(changes) if changes else None,
        change=lead if may_change else None,
    )


def _index(today: date) -> RulesPage:
    own = province()
    # Of what was changed one day would be enough to hide that a year's days off are missing in the file.
    known = days_off_until(listed_days_off())
    late = today.year + (today.month >= _FROM_MONTH) > known
    return RulesPage(
        title=message("page.rules.title"),
        about=message("page.rules.about", pack=own.name, province=Message(own.vi, own.en)),
        missing=message("page.rules.days_off_missing", year=str(known)) if late else "",
        groups=tuple(_group(group, today) for group in GROUPS),
    )


def _group(group: Group, today: date) -> Table:
    return Table(
        caption=message(f"page.rules.group.{group}"),
        columns=(
            Column(text=message("page.rules.table")),
            Column(text=message("page.rules.rows"), number=True),
            Column(text=message("page.rules.last_change")),
            Column(text=message("page.rules.next_change")),
        ),
        rows=tuple(_line(table, today) for table in TABLES.values() if table.group == group),
    )


def _line(table: RuleTable, today: date) -> tuple[Cell, ...]:
    rows = table.rows()
    changes = changes_of(rows)
    return (
        Cell(text=message(f"page.rules.of.{table.name}"), href=f"{HOME}{table.name}"),
        Cell(text=number_message(len(rows))),
        Cell(text=_day(max((day for day in changes if day <= today), default=None))),
        Cell(text=_day(min((day for day in changes if day > today), default=None))),
    )


def _day(day: date | None) -> str:
    return "–" if day is None else day_written(day)


def _page(table: RuleTable, today: date) -> RuleTablePage:
    title = message(f"page.rules.of.{table.name}")
    dated = {"valid_from", "valid_to"} <= set(table.columns)
    first, *rest = table.columns
    # The first cell of a row is its heading.
    shown = (first, "state", *rest) if dated else table.columns
    return RuleTablePage(
        title=title,
        breadcrumbs=(Breadcrumb(text=message("page.rules.title"), href=HOME), Breadcrumb(text=title)),
        wide=True,
        about=message(f"page.rules.whose.{table.whose}", file=table.file),
        rules=Table(
            caption=title,
            columns=tuple(Column(text=message(f"page.rules.column.{name}")) for name in shown),
            rows=tuple(tuple(_cells(row, shown, today)) for row in table.rows()),
            empty=message("page.rules.empty"),
        ),
    )


def _cells(row: Mapping[str, str], shown: Sequence[str], today: date) -> Iterator[Cell]:
    for name in shown:
        if name == "state":
            state = state_of(row, today)
            yield Cell(text=message(f"page.rules.state.{state}"), tag=_KINDS[state])
        else:
            yield Cell(text=cell_of(row, name))
