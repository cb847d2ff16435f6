"""Mark a line of a check's list: who may, and whether the list has the line."""

from dataclasses import replace

from services.chassis.platform import Platform
from services.chassis.problems import Fault, Problem
from services.marks import Line, Mark, Marking, Notes, Outcome, faults_of
from services.reporting.checks.access import check_may_ask
from services.reporting.checks.asking import AskedCheck
from services.reporting.checks.listing import run_for
from services.reporting.checks.queries import Lines
from services.reporting.checks.usecases import RECOMPUTE
from services.reporting.facts import Connection, units_register
from services.reporting.figures import QueryService, Reader, RecordSight
from services.reporting.line_marks import SeenLine, mark_seen_line


def check_may_list(queries: QueryService, reader: Reader, one: AskedCheck, action: str) -> frozenset[str]:
    """Refuse whoever does not see the lines of the list: what is marked on them is for nobody else.

    Return the guards of the right, which the request must meet.

    Raises:
        Problem: 403 for another agency's or area's list, 422 for a check that lists no lines.
    """
    if one.check.code == RECOMPUTE:
        raise Problem.invalid([Fault.of("rule", one.check.code, "mark_no_lines")])
    check_may_ask(reader, one.asked)
    comparison = one.comparison
    allowed = reader.check(action, comparison.parties, "check_role")
    if queries.sight_of(comparison, reader) == "released":
        raise Problem.forbidden("check_records_of_others")
    whose = {one.listed_agency}
    guards = allowed.guards(action)
    if not replace(reader, met=reader.met | guards).lists(action, comparison.parties, whose):
        raise Problem.forbidden("check_records_hidden")
    return guards


async def mark(
    platform: Platform, queries: QueryService, notes: Notes, reader: Reader, one: AskedCheck, given: Marking
) -> tuple[Outcome, list[Mark]]:
    """Put a mark on a line that the list has as known now, and that the reader sees; return all marks of the line.

    Raises:
        Problem: 422 with every fault of the mark; 404 where the reader's list has no such line; 409 where another state
            stands than the mark says that its author saw.
    """
    question = one.asked.question
    earlier = None if question.known_at is None else question.known_as_asked
    faults = [*faults_of(given, reader.today, earlier)]
    if faults:
        raise Problem.invalid(faults)

    async def find(connection: Connection) -> SeenLine | None:
        sight = await RecordSight.of(connection, reader)
        narrow = replace(one.asked, lines=Lines(frozenset({given.subject}), frozenset()), after="", limit=1)
        page = (await run_for(connection, one.check, narrow, sight)).page
        if not page:
            return None
        found = page[0]
        units = await units_register(connection, given.to_unit)
        line = Line(found.subject, found.records, found.areas)
        return SeenLine(line, one.listed_agency, one.asked.scope().hierarchy, units)

    line, _ = await queries.read_compared(question, [one.comparison], reader, "check_parties", find)
    return await mark_seen_line(platform, notes, reader, one.marked_list, line, given)
