"""Reference data and their readers: the nation's (figures, calendars, code lists) and those of the province that is served."""

from reference.ages import BandName, age_bands, birthday, is_leap_day, stands_for_a_year
from reference.area_search import find_areas
from reference.codes import (
    AGENCY,
    AREA_CLASS,
    ARREST_OUTCOME,
    CHANNEL,
    CLASS_SCHEME,
    CLINICIAN_BASIS,
    CONCLUSION,
    CONFLICT_CAUSE,
    CONFLICT_OUTCOME,
    CONFLICT_STATUS,
    DETOX_END,
    DETOX_KIND,
    DOSE_KIND,
    FACILITY_DOES,
    FACILITY_LEVEL,
    FIRE_CAUSE,
    FIRE_PLACE,
    FORMER_WORDS,
    METHADONE_END,
    OFFENCE,
    PLACE_END,
    PLACE_KIND,
    POST_DETOX_END,
    PRESENCE,
    RESPONDER,
    SCHEME_CLASSES,
    SEX,
    STATUS,
    VENUE,
    Codes,
    labelled,
)
from reference.column_names import ORDINAL, usual_names
from reference.digits import digits_only, number_within
from reference.figure_forms import forms_behind
from reference.figure_lists import figure_sets, figures_of
from reference.figures import FIGURES, Figure, Owner, find_figures, nearest, time_kind
from reference.folding import Nearest, fold, tidy
from reference.hand_in import HandInPeriod, forms_expected, hand_in_periods
from reference.hierarchy import Area, AreaBook, Basis, Level, Place, Succession
from reference.legacy_text import ENCODINGS, OldEncoding, encoding_of, is_vietnamese
from reference.measures import MEASURES, measure_of
from reference.national_ids import issues_national_ids
from reference.pack.areas import area_book, areas_digest
from reference.pack.authority import AuthorityTable, authority, limit_in, read_authority
from reference.pack.checking import check_province
from reference.pack.doses import DoseRange, dose_range
from reference.pack.linking import NumberLimit, number_limits, people_of_one_number
from reference.pack.manifest import Province, ShapeFile, open_province, province
from reference.pack.numbering import YearlyNumbering, yearly_numbering
from reference.pack.offices import IssuingOffice, issuing_office
from reference.pack.population import Population, population_of
from reference.pack.published import PublishedFigure, published_figures
from reference.pack.purposes import Purpose, purposes_on
from reference.pack.report_days import days_in_report
from reference.pack.samples import sample_communes, sample_district
from reference.pack.shapes import read_shapes
from reference.pack.thresholds import Threshold, threshold_of
from reference.pack.units import UnitKind, unit_kinds
from reference.period_names import period_name
from reference.reminders import ReminderRule, periods_due, reminder_rule
from reference.reporting_calendars import (
    Calendar,
    Period,
    PeriodNotThenError,
    UnknownCalendarError,
    UnknownPeriodError,
    calendars,
    calendars_for,
    periods_of,
    resolve,
)
from reference.rulesets import version_of, versions_in, versions_of
from reference.tables import PackError, PackFault, Record, national_table
from reference.template_columns import TemplateColumn, template_columns
from reference.unit_names import unit_name
from reference.units import agency_of, parse_unit
from reference.words import QUESTION_LENGTH, Words, bare

__all__ = [
    "AGENCY",
    "AREA_CLASS",
    "ARREST_OUTCOME",
    "CHANNEL",
    "CLASS_SCHEME",
    "CLINICIAN_BASIS",
    "CONCLUSION",
    "CONFLICT_CAUSE",
    "CONFLICT_OUTCOME",
    "CONFLICT_STATUS",
    "DETOX_END",
    "DETOX_KIND",
    "DOSE_KIND",
    "ENCODINGS",
    "FACILITY_DOES",
    "FACILITY_LEVEL",
    "FIGURES",
    "FIRE_CAUSE",
    "FIRE_PLACE",
    "FORMER_WORDS",
    "MEASURES",
    "METHADONE_END",
    "OFFENCE",
    "ORDINAL",
    "PLACE_END",
    "PLACE_KIND",
    "POST_DETOX_END",
    "PRESENCE",
    "QUESTION_LENGTH",
    "RESPONDER",
    "SCHEME_CLASSES",
    "SEX",
    "STATUS",
    "VENUE",
    "Area",
    "AreaBook",
    "AuthorityTable",
    "BandName",
    "Basis",
    "Calendar",
    "Codes",
    "DoseRange",
    "Figure",
    "HandInPeriod",
    "IssuingOffice",
    "Level",
    "Nearest",
    "NumberLimit",
    "OldEncoding",
    "Owner",
    "PackError",
    "PackFault",
    "Period",
    "PeriodNotThenError",
    "Place",
    "Population",
    "Province",
    "PublishedFigure",
    "Purpose",
    "Record",
    "ReminderRule",
    "ShapeFile",
    "Succession",
    "TemplateColumn",
    "Threshold",
    "UnitKind",
    "UnknownCalendarError",
    "UnknownPeriodError",
    "Words",
    "YearlyNumbering",
    "age_bands",
    "agency_of",
    "area_book",
    "areas_digest",
    "authority",
    "bare",
    "birthday",
    "calendars",
    "calendars_for",
    "check_province",
    "days_in_report",
    "digits_only",
    "dose_range",
    "encoding_of",
    "figure_sets",
    "figures_of",
    "find_areas",
    "find_figures",
    "fold",
    "forms_behind",
    "forms_expected",
    "hand_in_periods",
    "is_leap_day",
    "is_vietnamese",
    "issues_national_ids",
    "issuing_office",
    "labelled",
    "limit_in",
    "measure_of",
    "national_table",
    "nearest",
    "number_limits",
    "number_within",
    "open_province",
    "parse_unit",
    "people_of_one_number",
    "period_name",
    "periods_due",
    "periods_of",
    "population_of",
    "province",
    "published_figures",
    "purposes_on",
    "read_authority",
    "read_shapes",
    "reminder_rule",
    "resolve",
    "sample_communes",
    "sample_district",
    "stands_for_a_year",
    "template_columns",
    "threshold_of",
    "tidy",
    "time_kind",
    "unit_kinds",
    "unit_name",
    "usual_names",
    "version_of",
    "versions_in",
    "versions_of",
    "yearly_numbering",
]
