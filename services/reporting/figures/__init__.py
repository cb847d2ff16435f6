"""Figures: what each one counts, how it is asked, and who is answered what.

Readers' questions are answered by `QueryService`. Exact values for other purposes have a door of their own,
``services.reporting.figures.exact``.
"""

from services.reporting.figures.access import (
    may_ask,
    parameters_of,
    reaches,
    unit_reaches,
)
from services.reporting.figures.addresses import by_address
from services.reporting.figures.answering import Watermark, check_known_at, read_watermark, scope_of
from services.reporting.figures.arriving import arrival_days
from services.reporting.figures.breakdown import can_be_asked_by
from services.reporting.figures.definitions import DEFINITIONS, DRUG_PROBLEM, TARGETS, Definition
from services.reporting.figures.evaluate import counting, listing, place_of_row
from services.reporting.figures.membership import Member, has_members
from services.reporting.figures.query_service import (
    Answer,
    Comparison,
    DisclosureControl,
    QueryService,
    Reading,
    Sight,
)
from services.reporting.figures.questions import (
    Question,
    area_of_row,
    dimension_names,
    dimensions,
    figure_of,
    parse_known_at,
    parse_question,
)
from services.reporting.figures.rates import parse_per, with_rates
from services.reporting.figures.readers import Asking, Reader, reader_of
from services.reporting.figures.record_sight import RecordSight
from services.reporting.figures.remembered import Remembered, knowledge
from services.reporting.figures.row_sets import HOME
from services.reporting.figures.scope import Number, Result, Scope, known, land_parameters, parameters
from services.reporting.figures.shapes import UNCHANGED, Shape, answered
from services.reporting.figures.statements import statements_of
from services.reporting.figures.territories import (
    AREA_DIMENSIONS,
    UNATTRIBUTED,
    UNKNOWN,
    commune_of,
    default_province,
    region_day,
    row_name,
    territory,
)

__all__ = [
    "AREA_DIMENSIONS",
    "DEFINITIONS",
    "DRUG_PROBLEM",
    "HOME",
    "TARGETS",
    "UNATTRIBUTED",
    "UNCHANGED",
    "UNKNOWN",
    "Answer",
    "Asking",
    "Comparison",
    "Definition",
    "DisclosureControl",
    "Member",
    "Number",
    "QueryService",
    "Question",
    "Reader",
    "Reading",
    "RecordSight",
    "Remembered",
    "Result",
    "Scope",
    "Shape",
    "Sight",
    "Watermark",
    "answered",
    "area_of_row",
    "arrival_days",
    "by_address",
    "can_be_asked_by",
    "check_known_at",
    "commune_of",
    "counting",
    "default_province",
    "dimension_names",
    "dimensions",
    "figure_of",
    "has_members",
    "knowledge",
    "known",
    "land_parameters",
    "listing",
    "may_ask",
    "parameters",
    "parameters_of",
    "parse_known_at",
    "parse_per",
    "parse_question",
    "place_of_row",
    "reaches",
    "read_watermark",
    "reader_of",
    "region_day",
    "row_name",
    "scope_of",
    "statements_of",
    "territory",
    "unit_reaches",
    "with_rates",
]
