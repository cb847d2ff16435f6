"""Pages: templates with the texts of one language, the parts that pages are made of, problems as pages, charts."""

from services.chassis.web import charts
from services.chassis.web.assets import add_assets, asset
from services.chassis.web.forms import SentFile, SentForm, read_form
from services.chassis.web.interface_page import add_interface_page
from services.chassis.web.models import (
    Breadcrumb,
    Cell,
    Column,
    ErrorSummary,
    FieldFault,
    Kind,
    Link,
    Option,
    Page,
    Reader,
    SummaryRow,
    Table,
    Task,
    Text,
)
from services.chassis.web.problem_pages import ProblemPages
from services.chassis.web.rendering import HEADERS, answer, language_of
from services.chassis.web.routing import page_router
from services.chassis.web.words import moment_text, purpose_options

__all__ = [
    "HEADERS",
    "Breadcrumb",
    "Cell",
    "Column",
    "ErrorSummary",
    "FieldFault",
    "Kind",
    "Link",
    "Option",
    "Page",
    "ProblemPages",
    "Reader",
    "SentFile",
    "SentForm",
    "SummaryRow",
    "Table",
    "Task",
    "Text",
    "add_assets",
    "add_interface_page",
    "answer",
    "asset",
    "charts",
    "language_of",
    "moment_text",
    "page_router",
    "purpose_options",
    "read_form",
]
