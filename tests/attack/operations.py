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
FINDING = frozenset({"GET /v1/records/{record}", "POST /v1/records/search", "POST /v1/records/named"})
"""Of the registers: one record, the search for records, and their names. For whoever reads them."""
RENEWING = frozenset({"POST /v1/keys/linkage/rotate"})
"""Of the registers: their own part of a rotation of the linkage secret. For operators alone."""
REBUILDING = frozenset(
    {"POST /v1/keys/linkage/hold", "POST /v1/keys/linkage/rebuild", "POST /v1/keys/linkage/forget"}
)
"""Of reporting: its part of a rotation. For operators alone."""
APPROVALS = frozenset({"GET /v1/approvals", "POST /v1/approvals", "POST /v1/approvals/{approval}/decision"})
"""For whoever has the right that a request is about."""
LOOKS = frozenset({"GET /v1/audit/looks", "POST /v1/audit/looks/{look}/questions"})
"""For the unit looked at; they tell of readers, not of persons."""
OPERATIONS = OPEN | REGISTERS | OPERATORS | APPROVALS | LOOKS
