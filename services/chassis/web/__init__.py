"""Pages: templates with the texts of one language, the parts that pages are made of, problems as pages, charts."""

from services.chassis.web import charts
from services.chassis.web.assets import add_assets, asset
from services.chassis.web.forms import SentFile, SentForm, read_form
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
    "answer",
    "asset",
    "charts",
    "language_of",
    "page_router",
    "read_form",
]
