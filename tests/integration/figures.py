"""Questions that several tests ask."""

from typing import Any

from reference.figures import FIGURES
from tests.support.stack.harness import Province


def whole_year(province: Province, code: str) -> Any:
    """A figure over 2023 (a stock: at its end) by area."""
    stock = FIGURES[code].kind == "stock"
    moment = {"as_of": "2023-12-31"} if stock else {"from": "2023-01-01", "to": "2023-12-31"}
    return province.get("reporting", f"/v1/figures/{code}", {**moment, "by": "area"})
