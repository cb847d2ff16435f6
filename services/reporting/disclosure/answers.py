"""Answers for readers who may not see exact numbers: the same JSON document, with numbers from releases only."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

from contracts.envelope import VIETNAM
from reference import FIGURES, Figure, Level
from services.chassis.platform import Platform
from services.chassis.problems import Fault, Problem, texts
from services.reporting.disclosure.grid import (
    Window,
    find,
    is_due,
    latest_released,
    level_of,
    windows_near,
)
from services.reporting.disclosure.policy import Rule, rule_of
from services.reporting.disclosure.release import Node, Release
from services.reporting.disclosure.usecases import CountComparison, Edition, Releases
from services.reporting.figures import Answer, Question, dimension_names, dimensions, row_name
from services.reporting.figures.exact import snapshot
from texts import Message, message

_SHOWN_WINDOWS = 6
ReleasedRow = tuple[str, str]
"""Name and place of a row."""


class ReleasedAnswers:
    """Answers questions from releases, the same for every reader."""

    def __init__(self, platform: Platform, count_comparison: CountComparison) -> None:
        self._platform = platform
        self.releases = Releases(platform, count_comparison)

    async def answer(self, question: Question) -> Answer:
        """Return the answer made of released numbers alone.

        Raises:
            Problem: 422 naming what is off the grid and what is on it.
        """
        figure = question.figure
        counted = figure.numerator or figure.code
        part = _sensitive_part(figure, question.day)
        rule = rule_of(part, question.day)
        window = self._window(question, rule)
        # A question without a date means today, but stocks are released only for the last day of a window.
        question = replace(question, day=window.last)
        # Of a ratio the sensitive part is released; the other part may count no persons and then has no release.
        edition = await self.releases.get(part, window)
        if part not in edition.release.values:
            # Kept from before the measure joined its family; made anew now, it could be subtracted from what was known then.
            raise Problem(
                422, "protected_question", faults=[Fault.of("as_of", window.name, "protected_edition")]
            )
        rows = _rows(edition.release, question, counted, level_of(rule, window))
        document = _head(question, edition)
        if figure.kind == "ratio":
            # The percentage must come from the same numbers that readers see, or it would reveal a hidden part.
            above, below = await self._ratio_parts(question, window, edition)
            document |= _percent(above(rows[0][1]), below(rows[0][1]), rule)
            if question.by is not None:
                document["rows"] = [
                    {**_named(question, name), **_percent(above(place), below(place), rule)}
                    for name, place in rows[1:]
                ]
                document["overlap"] = None
        else:
            document |= _cell(edition.release.shown(counted, rows[0][1]))
            if question.by is not None:
                document["rows"] = [
                    {**_named(question, name), **_cell(edition.release.shown(counted, place))}
                    for name, place in rows[1:]
                ]
                document["overlap"] = None
        document["protection"] = _note(rule, edition)
        return Answer(document, _tag(question, edition), percent_base=rule.percent_base)

    def _window(self, question: Question, rule: Rule) -> Window:
        """Return the window that the question asks about.

        Raises:
            Problem: 422 with every reason why nothing is released for the question.
        """
        given = question.asked
        faults = [
            Fault.of(name, given[name], rule_name)
            for name, rule_name in (
                ("known_at", "protected_known_at"),
                ("geography", "protected_geography"),
                ("area_of", "protected_area_of"),
            )
            if given.get(name) and given[name] != "residence"
        ]
        today = self._platform.clock().astimezone(VIETNAM).date()
        flow = question.first is not None
        names = ("period",) if question.period is not None else ("from", "to") if flow else ("as_of",)
        if not flow and not any(given.get(name) for name in names):
            window = latest_released(rule, today)
        else:
            window = find(rule, question.first, question.day)
        near = [one for one in windows_near(rule, flow=flow, day=question.day) if is_due(rule, one, today)]
        if window is None or not is_due(rule, window, today):
            near.sort(key=lambda one: (abs((one.last - question.day).days), one.name))
            allowed = ", ".join(sorted(one.name for one in near[:_SHOWN_WINDOWS])) or "—"
            asked = question.day.isoformat()
            faults += [
                Fault.of(
                    name, given.get(name, asked), "protected_date", calendar=rule.calendar, allowed=allowed
                )
                for name in names
            ]
        by = question.by
        if by is not None and by not in ("area", "commune", *rule.dimensions):
            listed = dimension_names(("area", "commune", *rule.dimensions))
            faults.append(Fault.of("by", by, "protected_dimension", allowed=listed))
        elif (
            by in rule.dimensions
            and by in dimensions(question.figure)
            # Breakdowns stop at the province (ADR 0012): by commune and sex almost every cell would be hidden.
            and question.area.parent_uid is not None
        ):
            faults.append(Fault.of("by", by, "protected_breakdown"))
        if faults or window is None:
            raise Problem(422, "protected_question", faults=faults)
        return window

    async def _ratio_parts(
        self, question: Question, window: Window, edition: Edition
    ) -> tuple[Callable[[str], int | None], Callable[[str], int | None]]:
        """Return two functions that give numerator and denominator of a row (None where hidden).

        A part of the ratio that counts no persons has no release; it is computed exactly.
        """
        figure, found = question.figure, []
        for part in (figure.numerator or "", figure.denominator or ""):
            if part in edition.release.values:
                found.append(_lookup(edition.release, part))
                continue
            # Both parts of a ratio must have the same knowledge, or the percentage mixes two instants.
            asked = replace(question, figure=FIGURES[part], known_at=edition.known_at)
            document, _ = await snapshot.ask(self._platform.uow, asked, edition.known_at)
            exact = {row[question.by]: row["value"] for row in document.get("rows", ()) if question.by}
            own = {node.row: node.key for node in edition.release.nodes.values()}
            values = {own[name]: value for name, value in exact.items() if name in own}
            values[question.area.uid] = document["value"]
            found.append(values.get)
        return found[0], found[1]


def _sensitive_part(figure: Figure, day: date) -> str:
    parts = [figure.code] if figure.kind != "ratio" else [figure.numerator or "", figure.denominator or ""]
    return next(part for part in parts if rule_of(part, day).sensitive)


def _level(finest: Level | None) -> Message:
    """Return what the level is called down to which numbers are released."""
    return message(f"holder.level.{finest or 'province'}")


def _lookup(release: Release, code: str) -> Callable[[str], int | None]:
    def shown(place: str) -> int | None:
        # A cell that the release does not have tells as little as a hidden one.
        return release.shown(code, place) if place in release.values[code] else None

    return shown


def _rows(release: Release, question: Question, code: str, finest: Level | None) -> list[ReleasedRow]:
    """Return names and places of the rows that may be listed: the total first, then the breakdown."""
    code = code if code in release.values else next(iter(release.values))
    uid, by = question.area.uid, question.by
    if uid not in release.values[code]:
        # Part of a year is released only down to some level: small areas have small counts almost everywhere.
        fault = Fault.of("area", question.area_as_asked, "protected_area", finest=_level(finest))
        raise Problem(422, "protected_question", faults=[fault])
    total: ReleasedRow = (question.area.code, uid)
    if by is None:
        return [total]
    if by not in ("area", "commune"):
        return [total, *(row for row in release.places(code, by) if release.tells(code, row[1]))]
    nodes: list[Node] = (
        release.leaves(uid) if by == "commune" else release.children(uid) or [release.nodes[uid]]
    )
    held = [node for node in nodes if node.key in release.values[code]]
    if not held or (by == "commune" and any(node.depth < 2 for node in held)):
        raise Problem(
            422, "protected_question", faults=[Fault.of("by", by, "protected_area", finest=_level(finest))]
        )
    # Some rows exist only where their count is not zero, so listing them would reveal something about the count.
    return [total, *((node.row, node.key) for node in held if release.tells(code, node.key))]


def _head(question: Question, edition: Edition) -> dict[str, Any]:
    document: dict[str, Any] = {"figure": question.figure.code, "area": question.area_as_asked}
    if question.first is None:
        document["as_of"] = question.day.isoformat()
    else:
        document |= {"from": question.first.isoformat(), "to": question.day.isoformat()}
    if question.period is not None:
        document |= {"calendar": question.period.calendar, "period": question.period.code}
    return document | {"known_at": edition.known_at.isoformat()}


def _named(question: Question, value: str) -> dict[str, Any]:
    assert question.by is not None
    called = row_name(value, question.by, question.hierarchy)
    return {question.by: value} | ({} if called is None else {"name": called.vi})


def _cell(value: int | None) -> dict[str, Any]:
    return {"value": value} if value is not None else {"value": None, "suppressed": True}


def _percent(above: int | None, below: int | None, rule: Rule) -> dict[str, Any]:
    """Return a percentage computed from released numbers; none where the base is small (NHS Digital, HES: none of 1 to 7)."""
    document: dict[str, Any] = {"value": None, "numerator": above, "denominator": below}
    # A percentage with one visible part would let readers compute the hidden one.
    if above is None or below is None or 0 < below < rule.percent_base:
        return document | {"suppressed": True}
    return document | {"value": float(Decimal(above) * 100 / Decimal(below)) if below else None}


def _note(rule: Rule, edition: Edition) -> dict[str, Any]:
    return {
        "threshold": rule.threshold,
        "zeros": rule.zeros,
        "calendar": rule.calendar,
        "windows": dict(rule.windows),
        "edition": edition.edition,
        "released_at": edition.known_at.isoformat(),
        "basis": rule.basis,
        "rule": texts(
            message("protection_note", threshold=rule.threshold)
            if rule.threshold > 1
            else message("protection_grid")
        ),
    }


def _tag(question: Question, edition: Edition) -> str:
    about = (question.figure.code, question.area.uid, str(question.by), edition.release.window.name)
    kept = str(edition.number) if edition.number else edition.known_at.isoformat()
    return f'W/"{sha256(chr(0).join((kept, *about)).encode()).hexdigest()[:32]}"'
