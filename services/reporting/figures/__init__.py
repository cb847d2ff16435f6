"""Figures: what each one counts (``definitions``), asked (``questions``), computed (``evaluate``), answered (``answer``)."""

from services.reporting.figures import snapshot
from services.reporting.figures.access import (
    may_ask,
    may_see_records,
    may_see_records_of,
    parameters_of,
    reaches,
)
from services.reporting.figures.addresses import by_address
from services.reporting.figures.answering import Watermark, answer, check_known_at, compute, read_watermark
from services.reporting.figures.communes import count_communes, look_up_target
from services.reporting.figures.definitions import DEFINITIONS, DRUG_PROBLEM, TARGETS, Definition
from services.reporting.figures.evaluate import count_rows, place_of_row
from services.reporting.figures.membership import Member, has_members, members, rows_of, total
from services.reporting.figures.questions import (
    Question,
    area_of_row,
    dimensions,
    figure_of,
    parse_known_at,
    parse_question,
)
from services.reporting.figures.row_sets import HOME
from services.reporting.figures.scope import Number, Result, Scope, known, land_parameters, parameters
from services.reporting.figures.shapes import UNCHANGED, Shape, answered
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
    "Definition",
    "Member",
    "Number",
    "Question",
    "Result",
    "Scope",
    "Shape",
    "Watermark",
    "answer",
    "answered",
    "area_of_row",
    "by_address",
    "check_known_at",
    "commune_of",
    "compute",
    "count_communes",
    "count_rows",
    "default_province",
    "dimensions",
    "figure_of",
    "has_members",
    "known",
    "land_parameters",
    "look_up_target",
    "may_ask",
    "may_see_records",
    "may_see_records_of",
    "members",
    "parameters",
    "parameters_of",
    "parse_known_at",
    "parse_question",
    "place_of_row",
    "reaches",
    "read_watermark",
    "region_day",
    "row_name",
    "rows_of",
    "snapshot",
    "territory",
    "total",
]
