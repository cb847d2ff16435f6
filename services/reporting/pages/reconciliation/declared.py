"""What agencies declared for what is chosen on a page, beside the numbers of the registers."""

from typing import Any

from services.reporting.figures import QueryService, Reader, Reading, check_known_at
from services.reporting.pages.choosing import Chosen
from services.reporting.reconciliation import overview

_ANY_FIGURE = "fires.cases"
"""Only its knowledge is asked about, which is that of all figures."""


async def side_by_side(queries: QueryService, reader: Reader, chosen: Chosen) -> list[dict[str, Any]]:
    """Return every declared number of the chosen area and period with the computed one, as the reader may see it.

    Raises:
        Problem: 422 where nothing was known yet at the instant asked.
    """
    question = chosen.question(_ANY_FIGURE)
    days = (chosen.period.first, chosen.period.last)

    async def listed(reading: Reading) -> list[dict[str, Any]]:
        check_known_at(question, reading.watermark)
        return await overview(
            reading, reader, area=chosen.area.uid, agency=None, known_at=chosen.known_at, days=days
        )

    return await queries.read(listed)
