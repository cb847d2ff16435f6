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
    REVIEW_REASON,
    REVIEW_UNDOING,
    SCHEME_CLASSES,
    SEX,
    STATUS,
    VENUE,
    WITHDRAWAL,
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
from reference.keeping import kept_for, warned_after
from reference.legacy_text import ENCODINGS, OldEncoding, encoding_of, is_vietnamese
from reference.measures import MEASURES, measure_of
from reference.national_ids import issues_national_ids
from reference.pack.areas import area_book, areas_digest
from reference.pack.authority import AuthorityTable, authority, limit_in, read_authority
from reference.pack.calendars import calendar_rows
from reference.pack.checking import check_province
from reference.pack.doses import DoseRange, dose_range
from reference.pack.duties import AmountUnit, DutyRule, Mark, duty_rule, duty_rules
from reference.pack.linking import NumberLimit, number_limits, people_of_one_number
from reference.pack.manifest import Province, ShapeFile, open_province, province
from reference.pack.numbering import YearlyNumbering, yearly_numbering
from reference.pack.offices import IssuingOffice, issuing_office
from reference.pack.population import Population, population_of
from reference.pack.published import PublishedFigure, published_figures
from reference.pack.purposes import Purpose, purposes_on
from reference.pack.report_days import days_in_report
from reference.pack.review import REVIEW_LEVELS, ReviewWeights, review_weights
from reference.pack.rows import province_rows
from reference.pack.samples import sample_communes, sample_district
from reference.pack.shapes import read_shapes
from reference.pack.thresholds import Threshold, threshold_of
from reference.pack.units import UnitKind, unit_kinds
from reference.period_names import period_name
from reference.reminders import (
    MovedDay,
    ReminderRule,
    moved_days,
    periods_due,
    periods_of_year,
    reminder_rule,
)
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
    with_days_off,
)
from reference.rulesets import version_of, versions_in, versions_of
from reference.tables import PackError, PackFault, Record, national_table
from reference.template_columns import TemplateColumn, template_columns
from reference.unit_names import unit_name
from reference.units import agency_of, parse_unit
from reference.words import QUESTION_LENGTH, Words, bare
from reference.working_days import DayChange, DayKind, DaysOff, listed_days_off

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
    "REVIEW_LEVELS",
    "REVIEW_REASON",
    "REVIEW_UNDOING",
    "SCHEME_CLASSES",
    "SEX",
    "STATUS",
    "VENUE",
    "WITHDRAWAL",
    "AmountUnit",
    "Area",
    "AreaBook",
    "AuthorityTable",
    "BandName",
    "Basis",
    "Calendar",
    "Codes",
    "DayChange",
    "DayKind",
    "DaysOff",
    "DoseRange",
    "DutyRule",
    "Figure",
    "HandInPeriod",
    "IssuingOffice",
    "Level",
    "Mark",
    "MovedDay",
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
    "ReviewWeights",
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
    "calendar_rows",
    "calendars",
    "calendars_for",
    "check_province",
    "days_in_report",
    "digits_only",
    "dose_range",
    "duty_rule",
    "duty_rules",
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
    "kept_for",
    "labelled",
    "limit_in",
    "listed_days_off",
    "measure_of",
    "moved_days",
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
    "periods_of_year",
    "population_of",
    "province",
    "province_rows",
    "published_figures",
    "purposes_on",
    "read_authority",
    "read_shapes",
    "reminder_rule",
    "resolve",
    "review_weights",
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
    "warned_after",
    "with_days_off",
    "yearly_numbering",
]
