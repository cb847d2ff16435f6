"""Checks a whole province pack, as every service does at its start."""

from collections.abc import Callable, Collection
from functools import partial

from reference.hierarchy import AreaBook
from reference.pack.areas import read_areas
from reference.pack.authority import read_authority
from reference.pack.calendars import read_calendars
from reference.pack.doses import read_dose_ranges
from reference.pack.duties import read_duty_rules
from reference.pack.linking import read_number_limits
from reference.pack.manifest import Province
from reference.pack.numbering import read_numbering
from reference.pack.offices import read_offices
from reference.pack.population import read_population
from reference.pack.published import published_files, read_published
from reference.pack.purposes import read_purposes
from reference.pack.report_days import read_report_days
from reference.pack.review import read_review_weights
from reference.pack.shapes import check_shapes
from reference.pack.thresholds import read_thresholds
from reference.pack.units import read_unit_kinds
from reference.tables import PackError, PackFault


def check_province(of: Province, forms: Collection[str]) -> None:
    """Read every file of the pack and hold them against each other; ``forms`` are the names of the forms there are.

    Raises:
        PackError: with every fault found, each with its file, line, field and rule.
    """
    book: AreaBook | None = None
    faults: list[PackFault] = []
    try:
        book = read_areas(of)
        faults += check_shapes(of, book)
    except PackError as broken:
        faults += broken.faults
    readers: list[Callable[[], object]] = [
        partial(read_offices, of),
        partial(read_unit_kinds, of),
        partial(read_authority, of, forms),
        partial(read_thresholds, of),
        partial(read_number_limits, of),
        partial(read_review_weights, of),
        partial(read_dose_ranges, of),
        partial(read_duty_rules, of),
        partial(read_purposes, of),
        partial(read_numbering, of, forms),
        partial(read_report_days, of),
        partial(read_calendars, of),
        partial(read_population, of, book),
        *(partial(read_published, of, name, book) for name in published_files(of)),
    ]
    for read in readers:
        try:
            read()
        except PackError as broken:
            # Authority reads the kinds of unit as well: what is wrong with them is told once.
            faults += (fault for fault in broken.faults if fault not in faults)
    if faults:
        raise PackError(of.name, faults)
