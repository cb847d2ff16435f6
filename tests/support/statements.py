"""Every statement that reporting can build: each figure, check, reconciliation and closing, in all ways of asking."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import combinations, product
from uuid import UUID

from reference import FIGURES, area_book, time_kind
from services.chassis.persistence import Statement
from services.reporting.checks import declared, log_statements, queries
from services.reporting.checks.rules import RULES
from services.reporting.closing import statements as closing
from services.reporting.dissemination import instants
from services.reporting.figures import DEFINITIONS, Scope, counting, default_province, listing, parse_question
from services.reporting.figures.aggregates import answers, reads, statements
from services.reporting.figures.aggregates.series import SERIES
from services.reporting.figures.communes import commune_statements_of
from services.reporting.figures.crossing import crossing
from services.reporting.reconciliation import statements as reconciliation

Named = tuple[str, Statement]
DAY, NEW = date(2023, 12, 14), date(2025, 8, 1)
KNOWN = datetime(2024, 1, 5, tzinfo=UTC)
_ID = UUID(int=7)


def every_statement() -> Iterator[Named]:
    """Yield them all, each with what it is."""
    yield from of_figures()
    yield from of_cells()
    yield from of_checks()
    yield from of_reconciliation()
    yield from of_closing()
    yield from of_instants()


def scopes(code: str, dimensions: tuple[str, ...]) -> Iterator[Scope]:
    """Yield every way of asking for a figure: breakdown, knowledge, hierarchy, whose area, level of the area."""
    flow = time_kind(FIGURES[code]) == "flow"
    first = date(2023, 1, 1) if flow else None
    areas = ("area", "commune", "region")
    for by, known, geography, by_facility in product(
        (None, *areas, *dimensions), (None, KNOWN), (None, NEW), (False, True)
    ):
        if by_facility and "facility" not in dimensions:
            continue
        for uid in _areas(geography or DAY):
            yield Scope(uid, DAY, first, known, by, by_facility, geography)


def tables(code: str, dimensions: tuple[str, ...]) -> Iterator[Scope]:
    """Yield every way of asking for a figure by two dimensions; which of them are the rows changes no statement otherwise."""
    first = date(2023, 1, 1) if time_kind(FIGURES[code]) == "flow" else None
    for (by, across), known, geography, by_facility in product(
        combinations((*dimensions, "commune"), 2), (None, KNOWN), (None, NEW), (False, True)
    ):
        if not by_facility or "facility" in dimensions:
            yield Scope(_areas(geography or DAY)[0], DAY, first, known, by, by_facility, geography, across)


def _areas(day: date) -> tuple[str, ...]:
    """A province and one of its communes; the statements of districts are those of provinces."""
    province = default_province(day)
    assert province is not None
    return (province, area_book().communes(province, day)[0].uid)


def of_figures() -> Iterator[Named]:
    """Yield the statements that count, list, and read cells, for every figure that is no ratio."""
    for code, figure in FIGURES.items():
        if figure.kind == "ratio":
            continue
        for scope in scopes(code, figure.dimensions):
            about = f"{code} {scope}"
            if code in DEFINITIONS:
                yield f"{about} counted", counting(DEFINITIONS[code], scope)
                yield f"{about} listed", listing(DEFINITIONS[code], scope)
            else:
                yield from ((f"{about} of communes", one) for one in commune_statements_of(code, scope))
            yield from ((f"{about} cells", one) for one in answers.first_reads(code, scope))
        for scope in tables(code, figure.dimensions):
            yield f"{code} {scope} crossed", crossing(DEFINITIONS[code], scope)


def of_cells() -> Iterator[Named]:
    """Yield what fills and maintains cells, and what reads the marked references."""
    yield "filling contributions", statements.fill_contributions()
    for kind in ("int", "numeric"):
        yield f"filling cells {kind}", statements.fill_cells(kind)
        yield f"filling pairs {kind}", statements.fill_pairs(kind)
    yield "taking marks", statements.TAKE_MARKS.given(most=1)
    yield "working in", statements.work_in().given(refs="{}")
    keys = {name: [0] for name in ("series", "block", "area_set", "bucket", "earlier_block", "earlier")}
    yield "clearing cells", statements.CLEAR_CELLS.given(**keys)
    yield "clearing pairs", statements.CLEAR_PAIRS.given(**keys)
    for code in SERIES:
        yield f"{code} waiting", reads.waiting(code, [1])


def of_checks() -> Iterator[Named]:
    """Yield what every check counts and lists, and what the checks read from the log."""
    for code, by, known, geography in product(RULES, (None, "commune", "region"), (None, KNOWN), (None, NEW)):
        province = default_province(geography or DAY)
        assert province is not None
        scope = Scope(province, DAY, date(2023, 1, 1), known, by, geography=geography)
        if code == "declared.contradiction":
            yield f"{code} {scope}", declared.declarations(scope, "police")
            continue
        yield f"{code} {scope} counted", queries.counting(RULES[code], scope)
        yield f"{code} {scope} listed", queries.listing(RULES[code], scope, limit=10)
    for known, geography in product((None, KNOWN), (None, NEW)):
        province = default_province(geography or DAY)
        assert province is not None
        scope = Scope(province, DAY, date(2023, 1, 1), known, geography=geography)
        rules = [rule for code, rule in RULES.items() if code != "declared.contradiction"]
        yield f"{scope} aged", queries.ageing(rules, scope)
    yield "versions of forms", log_statements.versions_of_forms(["registry"], None)
    yield from (
        (one.name, one) for one in (log_statements.LINKS, log_statements.PERSONS, log_statements.RECORDS)
    )
    yield "records beside", log_statements.records_beside([str(_ID)])
    yield "versions of records", log_statements.versions_of_records([str(_ID)])
    for table in ("spell", "fact", "presence", "target", "declaration"):
        yield f"rows of {table}", log_statements.stored_rows(table, ("record_id",), [str(_ID)])
        yield f"orphans in {table}", log_statements.orphans(table)


def of_reconciliation() -> Iterator[Named]:
    """Yield what reconciliations read besides figures."""
    for known in (None, KNOWN):
        scope = Scope(_areas(DAY)[0], DAY, None, known)
        yield "declared", reconciliation.declared("registry.users", known)
        yield "conclusions", reconciliation.conclusions(scope)
        yield "addresses", reconciliation.addresses(scope)
        yield "in state", reconciliation.in_state(scope, ["detox"])
    yield "versions of records", reconciliation.versions_of_records([_ID])
    yield "versions of groups", reconciliation.versions_of_groups(["registry:1"])
    yield "names", reconciliation.names([_ID], KNOWN)
    yield "linked", reconciliation.linked([_ID], KNOWN)
    yield "evidence", reconciliation.evidence([_ID], KNOWN, KNOWN)
    yield "listings", reconciliation.listings(["F1"])


def of_closing() -> Iterator[Named]:
    """Yield what a closing is read by; ``every_version`` and ``late_record`` are of its transaction."""
    boundary = closing.Boundary(1, _ID)
    yield "mark late records", closing.mark_late_records(boundary)
    yield "spread to timelines", closing.SPREAD_TO_TIMELINES
    yield "known versions", closing.known_versions(boundary)
    yield "any late link", closing.any_late_link(boundary)
    yield "every link", closing.every_link(boundary)
    yield "names", closing.names([_ID], KNOWN)
    yield "versions", closing.versions([_ID], boundary)
    yield "records beside", closing.records_beside([_ID], [_ID])
    yield "joined references", closing.joined_refs([_ID])
    yield "records in", closing.records_in(["10507@2008"], ["status"])
    yield "target records", closing.target_records("detox.compulsory_target", ["10507@2008"])
    yield "new links", closing.new_links([_ID], boundary, KNOWN, KNOWN)
    yield "greatest event", closing.GREATEST_EVENT


def of_instants() -> Iterator[Named]:
    """Yield the statements of when a figure may have changed."""
    for code, figure in FIGURES.items():
        if figure.kind == "ratio":
            continue
        days = (
            {"from": "2023-01-01", "to": "2023-12-14"}
            if time_kind(figure) == "flow"
            else {"as_of": "2023-12-14"}
        )
        facility = [{}, {"area_of": "facility"}] if "facility" in figure.dimensions else [{}]
        for by, geography, area_of in product(
            (
                {},
                {"by": "commune"},
                *({"by": name} for dim in figure.dimensions for name in (dim, f"commune,{dim}")),
            ),
            ({}, {"geography": "2025-08-01"}),
            facility,
        ):
            question = parse_question(code, days | by | geography | area_of, KNOWN, crossed=True)
            yield f"instants of {code} {by} {geography} {area_of}", instants.changes(code, question, 10)
