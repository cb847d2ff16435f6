"""Facts: turns the log of events into tables of record versions, spells and facts, and rebuilds those tables.

To *fold* an event is to add what it says to the tables. Every row has valid time (when it was so) and record time (when
it was known). A *generation* is one full set of these tables; a rebuild makes the next generation from the whole log.
"""

from contracts.record_time import FOREVER
from services.reporting.facts import generations, rebuilding
from services.reporting.facts.consumers import TOPICS as CONSUMED
from services.reporting.facts.consumers import consumer_name
from services.reporting.facts.facilities import is_facility, units_of, units_register
from services.reporting.facts.late_folds import earliest_late
from services.reporting.facts.messages import LinkVersion
from services.reporting.facts.projections.model import (
    OPEN_END,
    DeclarationRow,
    Fact,
    Known,
    ProjectedRow,
    Spell,
    Statement,
    TargetRow,
    Version,
)
from services.reporting.facts.projections.persons import Edge, PersonRow, histories
from services.reporting.facts.projections.project import project
from services.reporting.facts.reading import fetch
from services.reporting.facts.repository import (
    COPY_COLUMNS,
    LINK_COLUMNS,
    VERSION_COLUMNS,
    Connection,
    stored_link,
    stored_version,
    use_generation,
)
from services.reporting.facts.shape import MAINTAINED, fits
from services.reporting.facts.shared import LateArrivalTable, LateFoldTable
from services.reporting.facts.tables import SHARED

__all__ = [
    "CONSUMED",
    "COPY_COLUMNS",
    "FOREVER",
    "LINK_COLUMNS",
    "MAINTAINED",
    "OPEN_END",
    "SHARED",
    "VERSION_COLUMNS",
    "Connection",
    "DeclarationRow",
    "Edge",
    "Fact",
    "Known",
    "LateArrivalTable",
    "LateFoldTable",
    "LinkVersion",
    "PersonRow",
    "ProjectedRow",
    "Spell",
    "Statement",
    "TargetRow",
    "Version",
    "consumer_name",
    "earliest_late",
    "fetch",
    "fits",
    "generations",
    "histories",
    "is_facility",
    "project",
    "rebuilding",
    "stored_link",
    "stored_version",
    "units_of",
    "units_register",
    "use_generation",
]
