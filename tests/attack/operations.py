"""Routes that say nothing of figures: open ones, those of registers (``test_registers.py``), and those of operators."""

from tests.support.routes import OPEN

REGISTERS = frozenset(
    {
        "GET /v1/forms",
        "GET /v1/forms/{form}",
        "POST /v1/forms/{form}",
        "GET /v1/forms/{form}/records",
        "POST /v1/forms/{form}/records",
        "POST /v1/forms/{form}/matches",
        "POST /v1/forms/{form}/matches/marks",
        "GET /v1/units",
        "GET /v1/submission-key",
    }
)
OPERATORS = frozenset(
    {
        "GET /v1/dlq",
        "GET /v1/dlq/{number}",
        "POST /v1/dlq/{number}/retry",
        "POST /v1/dlq/{number}/discard",
        "POST /v1/dlq/{number}/erase",
        "GET /v1/status",
        "GET /v1/consumers",
        "POST /v1/consumers/{name}/resume",
        "POST /v1/republish",
        "GET /v1/keys/fields",
        "POST /v1/keys/fields/rotate",
        "GET /v1/keys/linkage",
        "GET /v1/audit",
        "GET /v1/audit/head",
        "GET /v1/audit/questions",
        "GET /v1/revoked-tokens",
        "POST /v1/revoked-tokens",
    }
)
"""For administrators alone."""
OPERATORS_PAGES = frozenset(
    {
        "GET /operations/",
        "GET /operations/letters/{number}",
        "GET /operations/letters/{number}/retry",
        "POST /operations/letters/{number}/retry",
        "GET /operations/letters/{number}/discard",
        "POST /operations/letters/{number}/discard",
        "GET /operations/consumers/{name}/resume",
        "POST /operations/consumers/{name}/resume",
    }
)
"""Pages of a service, below its name (`below`). For whoever runs it."""
FINDING = frozenset({"GET /v1/records/{record}", "POST /v1/records/search", "POST /v1/records/named"})
"""Of the registers: one record, the search for records, and their names. For whoever reads them."""
DUTIES = frozenset({"GET /v1/duties", "GET /v1/duties.csv", "GET /v1/duties.ics", "GET /v1/duties/units"})
"""Of the registers: what is due at a unit. For clerks who read its records; in numbers for officials above it."""
RENEWING = frozenset({"POST /v1/keys/linkage/rotate"})
"""Of the registers: their own part of a rotation of the linkage secret. For operators alone."""
REBUILDING = frozenset(
    {
        "POST /v1/keys/linkage/hold",
        "POST /v1/keys/linkage/rebuild",
        "POST /v1/keys/linkage/forget",
        "GET /reporting/operations/rebuild",
        "POST /reporting/operations/rebuild",
    }
)
"""Of reporting: its part of a rotation, and the page of rebuilding. For operators alone."""
AMENDING = frozenset(
    {
        "GET /v1/amendments",
        "POST /v1/amendments",
        "GET /v1/amendments/{amendment}",
        "POST /v1/amendments/{amendment}/decision",
        "GET /reporting/rules/days_off/changes",
        "POST /reporting/rules/days_off/changes",
        "GET /reporting/rules/days_off/changes/{amendment}",
        "POST /reporting/rules/days_off/changes/{amendment}",
    }
)
"""Of reporting: changes of rules. They say nothing of any record, and are for administrators alone."""
APPROVALS = frozenset({"GET /v1/approvals", "POST /v1/approvals", "POST /v1/approvals/{approval}/decision"})
"""For whoever has the right that a request is about."""
LOOKS = frozenset({"GET /v1/audit/looks", "POST /v1/audit/looks/{look}/questions"})
"""For the unit looked at; they tell of readers, not of persons."""


def below(service: str, routes: frozenset[str]) -> frozenset[str]:
    """Return routes of pages below the name of a service."""
    return frozenset(route.replace(" /", f" /{service}/", 1) for route in routes)


OPERATIONS = OPEN | REGISTERS | OPERATORS | APPROVALS | LOOKS
