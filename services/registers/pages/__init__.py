"""The clerk's desk: pages for the forms of a service, drawn from the forms' own descriptions.

Every page asks the same functions as the routes of the interface (`hand_in_as`, `records_as`, `record_as`, `search_as`,
`state_as`), so that rights, rules and words are decided in one place. Pages of other rooms take the words of cells from here.
"""

from services.registers.pages.addresses import person_address, record_address
from services.registers.pages.cells import label, shown, title

__all__ = ["label", "person_address", "record_address", "shown", "title"]
