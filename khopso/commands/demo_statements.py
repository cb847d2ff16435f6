"""What the units of the demonstration state of their registers, each as its own clerk."""

from collections import defaultdict

from contracts.forms import FORMS
from khopso.api import Api

_PATIENCE_SECONDS = 60.0
_CAME = ("received", "late")


def declare(api: Api) -> int:
    """State every register that the demonstration declares (`demo.statements`); return how many were stated.

    A register of which nothing came is stated as nil, any other as complete. Stating it again changes nothing.
    """
    from demo import states
    from demo.statements import CALENDAR, DECLARED

    stated = 0
    for year in DECLARED:
        asked = {"calendar": CALENDAR, "period": str(year.year)}
        lines = api.get("reporting", "/v1/ledger", asked, patience_seconds=_PATIENCE_SECONDS)["entries"]
        said: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
        for line in lines:
            if year.covers(line["form"]):
                says = "complete" if line["state"] in _CAME else "nil"
                said[FORMS[line["form"]].service, line["unit"]][line["form"]] = says
        for (service, unit), statements in said.items():
            body = {
                **asked,
                "unit": unit,
                "statements": statements,
                "recorded_on": year.recorded_on.isoformat(),
            }
            clerk = api.clerk_of(states(unit))
            clerk.post(service, "/v1/statements", body, patience_seconds=_PATIENCE_SECONDS)
            stated += len(statements)
    return stated
