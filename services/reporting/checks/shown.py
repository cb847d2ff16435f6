"""The statements behind a check, for those who want to read what it looks for. They hold no data."""

from dataclasses import replace
from typing import Any

from reference import FIGURES
from services.chassis.persistence import Statement
from services.reporting.checks import declared, log_statements, queries
from services.reporting.checks.ledger import FORMS
from services.reporting.checks.requests import CheckRequest
from services.reporting.checks.usecases import BALANCE, DECLARED, RECOMPUTE, Check
from services.reporting.figures import DEFINITIONS, Scope, counting, listing


def statements_of(check: Check, asked: CheckRequest) -> list[dict[str, Any]]:
    """Return the statements of a check: a rule's count and list, or what a balance or an overlap compares."""
    return [one.document() for one in _statements(check, asked)]


def _statements(check: Check, asked: CheckRequest) -> list[Statement]:
    scope = asked.scope()
    if check.code == RECOMPUTE:
        return [log_statements.RECORDS, log_statements.LINKS, log_statements.PERSONS]
    if check.code == DECLARED:
        return [declared.declarations(scope, asked.agency)]
    if check.rule is not None:
        return [
            queries.counting(check.rule, scope, asked.days),
            queries.listing(check.rule, scope, asked.days, after=asked.after, limit=asked.limit),
        ]
    assert check.figure is not None
    return _of_figure(check, check.figure, scope)


def _of_figure(check: Check, figure: str, scope: Scope) -> list[Statement]:
    if check.code.startswith(BALANCE):
        versions = log_statements.versions_of_forms(FORMS[figure], scope.known_at)
        return [counting(DEFINITIONS[figure], replace(scope, first=None)), versions, log_statements.LINKS]
    first = scope.first if FIGURES[figure].kind == "flow" else None
    return [listing(DEFINITIONS[figure], replace(scope, by=scope.by or "commune", first=first))]
