"""Every route of the four services × every role × every kind of unit: allowed and refused, against a table by hand."""

import asyncio
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any
from uuid import UUID

import pytest

from contracts.forms import FORMS
from services.chassis.service import http_app
from tests.component.rights.conftest import NAMES
from tests.component.rights.expected import (
    BY_ROW,
    CALENDARS,
    DESK,
    DESK_OF_FORM,
    DRAFT_OF_FORM,
    EVERYWHERE,
    FOR_OTHERS,
    FORM_ROUTES,
    KEEPERS,
    LINKING,
    OPERATING,
    REGISTRY,
    REPORTING,
    ROLES,
    UNITS,
    WHO,
    Caller,
)
from tests.support.closings import ACCEPTED
from tests.support.registers import Service
from tests.support.routes import OPEN, routes_of

TOGETHER = 24
DESKS = ("registry", "treatment", "incidents")
CALLERS: tuple[Caller, ...] = tuple((role, kind) for kind in UNITS for role in ROLES)
OWN: Mapping[str, Mapping[str, str]] = {
    "registry": REGISTRY,
    "treatment": LINKING,
    "incidents": LINKING,
    "reporting": REPORTING,
}
_PLACES = {
    "{number}": "999999",
    "{table}": "actions",
    "{name}.{format}": "annual.json",
    "{name}": "none",
    "{code}": "registry.users",
    "{figures}": "fires.cases",
    "{figure}": "registry.users",
    "{rule}": "registry.addict_without_slip",
    "{report}.{format}": "police.json",
    "{report}": "police",
    "{ref}": str(UUID(int=1)),
    "{closing_id}": str(UUID(int=2)),
    "{follow}": str(UUID(int=3)),
    "{look}": str(UUID(int=4)),
    "{record}": str(UUID(int=6)),
    "{draft}": str(UUID(int=8)),
    "{preview}": str(UUID(int=8)),
    "{approval}": str(UUID(int=5)),
    "{amendment}": str(UUID(int=9)),
    "{pair}": str(UUID(int=10)),
}
_STOCK = {"area": "10513", "as_of": "2023-12-14"}
_YEAR = {"area": "10513", "calendar": "civil", "period": "2023"}
_GIVEN: Mapping[str, Mapping[str, str]] = {
    "GET /v1/figures/{code}": _STOCK,
    "GET /v1/figures/{code}/overlap": {**_STOCK, "by": "commune"},
    "GET /v1/figures/{code}/sql": _STOCK,
    "GET /v1/data/{figures}": {"area": "10513", "from": "2023-01-01", "to": "2023-12-31"},
    "GET /v1/reports/{name}.{format}": {"area": "10513", "year": "none"},
    "GET /v1/reports/{report}/composition": {"area": "10513", "year": "2023"},
    "POST /v1/reports/{report}/composition": {"area": "10513", "year": "2023"},
    "GET /v1/checks": _STOCK,
    "GET /v1/checks/{rule}": _STOCK,
    "GET /v1/checks/{rule}/sql": _STOCK,
    "GET /v1/checks/{rule}/marks": _STOCK,
    "POST /v1/checks/{rule}/marks": _STOCK,
    "GET /v1/reconciliations/{figure}": {**_STOCK, "agency": "police", "number": "3"},
    "POST /v1/reconciliations/{figure}/marks": {**_STOCK, "agency": "police"},
    "GET /v1/ledger": {"calendar": "police", "period": "2023-11"},
    "GET /reporting/figures/{figure}/growth": _YEAR,
    "GET /reporting/figures/{figure}.csv": _YEAR,
    "GET /reporting/checks": _YEAR,
    "GET /reporting/checks/{rule}": _YEAR,
    "GET /reporting/checks/{rule}/line": {**_YEAR, "line": "none"},
    "GET /reporting/closing": _YEAR,
    "GET /reporting/closing/preview": {**_YEAR, "area": "30"},
    "GET /reporting/closing/{closing_id}/compare": {"other": str(UUID(int=2))},
    "GET /reporting/reconciliation": _YEAR,
    "GET /reporting/reconciliation/{figure}": {**_STOCK, "agency": "police"},
    "GET /reporting/reconciliation/{figure}/minutes": {**_STOCK, "agency": "police"},
    "GET /reporting/reconciliation/{figure}/line": {**_STOCK, "agency": "police", "line": "none"},
    "GET /reporting/hand-in": {"calendar": "police", "period": "2023-11"},
    "GET /reporting/reports": _YEAR,
    "GET /reporting/reports/{report}": {"area": "10513", "year": "2023"},
    "GET /reporting/reports/{report}.{format}": {"area": "10513", "year": "none"},
    "POST /v1/rebuild": {"wait_seconds": "0"},
    "POST /v1/keys/linkage/rebuild": {"wait_seconds": "0"},
}
_BODIES: Mapping[str, Any] = {
    "POST /v1/closings": {"calendar": "civil", "period": "2023"},
    "POST /v1/reports/{report}/composition": {"act": "written", "seen": 9},
    "POST /v1/follows": {"figure": "registry.users", "area": "10513", "as_of": "2023-12-14"},
    "POST /v1/closings/{closing_id}/publications": {"file": "a.pdf", "sha256": "0" * 64},
    "POST /reporting/checks/{rule}/line": {**_YEAR, "line": "none", "mark": "done"},
    "POST /reporting/reconciliation/{figure}/line": {
        **_STOCK,
        "agency": "police",
        "line": "none",
        "mark": "done",
    },
    "POST /reporting/closing/close": {**_YEAR, "area": "30", "name": "Trần Thị Thử"},
    "POST /reporting/closing/{closing_id}/editions": {"name": "Trần Thị Thử", "note": "thử"},
    "POST /reporting/reports/{report}": {"area": "10513", "year": "2023", "act": "written", "seen": "9"},
    "POST /v1/table-checks": {"rows": []},
    "POST /v1/amendments/{amendment}/decision": {"verdict": "reject", "reason": "not announced"},
    "POST /reporting/rules/days_off/changes/{amendment}": {"verdict": "reject", "reason": "not announced"},
    "POST /v1/checks/{rule}/marks": {"line": str(UUID(int=7)), "mark": "done"},
    "POST /v1/reconciliations/{figure}/marks": {"line": "none", "mark": "done"},
    "POST /v1/records/search": {"number": "HS-1"},
    "POST /v1/records/{record}/withdrawal": {"reason": "entered_twice"},
    "POST /v1/review/{pair}/decision": {"verdict": "one", "reason": "paper_seen", "version": 1},
    "POST /v1/review/{pair}/undo": {"reason": "wrong_pair", "version": 1},
    "POST /v1/records/named": {"records": [str(UUID(int=6))]},
    "POST /v1/dlq/{number}/erase": {"reason": "sent in the clear"},
    "POST /v1/statements": {"calendar": "police", "period": "2023-11", "statements": {"none": "nil"}},
}


async def statuses(
    service: Service, route: str, sent: Mapping[str, Any] | None = None, **replaced: str
) -> dict[Caller, int]:
    """What each caller is answered at a route; a fault of the server is no answer."""
    method, _, path = route.partition(" ")
    for place, value in {**_PLACES, **{f"{{{name}}}": text for name, text in replaced.items()}}.items():
        path = path.replace(place, value)
    turns = asyncio.Semaphore(TOGETHER)

    async def ask(caller: Caller) -> tuple[Caller, int]:
        role, kind = caller
        headers = service.as_(role, UNITS[kind], "30", **{"Khopso-Purpose": "inspection"})
        plain = _BODIES.get(route, {"rows": []} if replaced else {})
        body = None if method in ("GET", "DELETE") else sent or plain
        async with turns:
            # Pages read forms, all other routes JSON.
            form: dict[str, Any] = {"data" if path.startswith("/reporting/") else "json": body}
            answer = await service.client.request(
                method, path, params=_GIVEN.get(route), headers=headers, **form
            )
        assert answer.status_code != 401, (route, caller)
        if answer.status_code == 403:
            assert answer.json()["message"]["vi"], (route, caller)
        return caller, answer.status_code

    return dict(await asyncio.gather(*(ask(caller) for caller in CALLERS)))


def let_in(found: Mapping[Caller, int]) -> set[Caller]:
    """Who was not refused for want of a right, whatever else is wrong with what was asked."""
    return {caller for caller, status in found.items() if status != 403}


def listed(name: str) -> dict[str, str]:
    """The routes of a service that are no form's, with the rule of each."""
    own = dict(OWN.get(name, {}))
    pages = {**OPERATING, **(DESK if name in DESKS else {})}
    below = {route.replace(" /", f" /{name}/", 1): rule for route, rule in pages.items()}
    return {**EVERYWHERE, **own, **below}


def routes_of_forms(name: str) -> set[str]:
    """The routes of a service that ask for a form's records."""
    return {*FORM_ROUTES, *pages_of_forms(name)}


def pages_of_forms(name: str) -> list[str]:
    """The pages of a service on which a row of a form is handed in, and kept as a draft."""
    return (
        [page.replace("{service}", name) for page in (DESK_OF_FORM, DRAFT_OF_FORM)] if name in DESKS else []
    )


def say(text: str) -> None:
    """Write how much was walked, for whoever runs the matrix with ``-s``."""
    sys.stdout.write(f"{text}\n")


@pytest.mark.parametrize("name", NAMES)
def test_every_route_is_in_the_table(services: Mapping[str, Service], name: str) -> None:
    platform = services[name].platform
    compose = import_module(f"services.{name}.app").compose
    composed = routes_of(http_app(platform, compose(platform), ["api"])) - OPEN
    assert composed == listed(name).keys() | routes_of_forms(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
async def test_each_route_lets_in_whom_the_table_names_and_nobody_else(
    services: Mapping[str, Service], name: str
) -> None:
    wrong = {}
    for route, rule in listed(name).items():
        found = await statuses(services[name], route, form=next(f for f in FORMS if FORMS[f].service == name))
        difference = let_in(found) ^ WHO[rule]
        if difference:
            wrong[route] = sorted((*caller, found[caller]) for caller in difference)
    say(f"{name}: {len(listed(name)) * len(CALLERS)} cells walked")
    assert not wrong


@pytest.mark.parametrize("calendar", CALENDARS)
async def test_a_period_is_closed_by_the_officials_of_its_calendar_and_nobody_else(
    services: Mapping[str, Service], calendar: str
) -> None:
    figures, rule = CALENDARS[calendar]
    order = {
        "calendar": calendar,
        "period": "2023",
        "figures": figures,
        "area": "30",
        "accept_missing": ACCEPTED,
    }
    found = await statuses(services["reporting"], "POST /v1/closings", order)
    say(f"{calendar}: {len(CALLERS)} cells walked")
    assert let_in(found) == WHO[rule]


@pytest.mark.parametrize("form", sorted(FORMS))
async def test_each_form_is_handed_in_by_its_keepers_and_read_by_clerks_and_officials(
    services: Mapping[str, Service], form: str
) -> None:
    service = services[FORMS[form].service]
    keep = {("clerk", kind) for kind in KEEPERS.get(form, ())}
    handed = await statuses(service, "POST /v1/forms/{form}/records", form=form)
    # What rows of numbers about an area may say is decided row by row, and here are none.
    assert let_in(handed) == (set(CALLERS) if form in BY_ROW else keep)
    if form not in BY_ROW:
        # A row without content is refused as empty, before what it is about could be asked.
        assert let_in(await statuses(service, "POST /v1/forms/{form}", form=form)) == keep
        if pages := pages_of_forms(FORMS[form].service):
            entry, draft = pages
            assert let_in(await statuses(service, entry, form=form)) == keep
            begin = keep | {("clerk", kind) for kind in FOR_OTHERS.get(form, ())}
            assert let_in(await statuses(service, draft, form=form)) == begin
    # Officials have stated a purpose and just signed in.
    read = await statuses(service, "GET /v1/forms/{form}/records", form=form)
    assert let_in(read) == WHO["clerks and officials"]
    matched = await statuses(service, "POST /v1/forms/{form}/matches", form=form)
    assert let_in(matched) == WHO["clerks and officials"]
    mark = {"line": f"different.{UUID(int=7)}", "mark": "done"}
    marked = await statuses(service, "POST /v1/forms/{form}/matches/marks", mark, form=form)
    # Of a record that there is not, whoever may match lists is told so.
    assert let_in(marked) == WHO["clerks and officials"]
    say(f"{form}: {6 * len(CALLERS)} cells walked")
