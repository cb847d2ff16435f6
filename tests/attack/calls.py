"""What is asked of every route of reporting: each call with who must see what in it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.attack.parties import exact_for
from tests.support.small_province import AGENCIES, FEW_CODE, FEW_DISTRICT

ON_DAY = {"as_of": "2023-12-31"}
IN_QUARTER = {"from": "2023-10-01", "to": "2023-12-31"}
NOBODY = "00000000-0000-7000-8000-000000000000"
Asked = Literal["everybody", "one of each", "two", "outsiders"]


@dataclass(frozen=True)
class Call:
    """One request. ``route`` is as the application names it.

    ``tells``: agencies whose numbers are in the answer, as who may see them must notice. ``parties``: agencies whose
    clerks and officials may see all of them. ``by`` says whom it is asked by: of calls that change something outsiders
    alone, of slow ones two readers; every route is asked by everybody in one call at least.
    """

    route: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    tells: tuple[str, ...] = ()
    parties: frozenset[str] = frozenset()
    by: Asked = "one of each"

    @property
    def name(self) -> str:
        """As tests call it."""
        asked = [f"{name}={text}" for name, text in self.params.items()]
        asked += [f"{name}={text}" for name, text in (self.body or {}).items() if isinstance(text, str)]
        return " ".join([self.method, self.path, *asked])

    @property
    def method(self) -> str:
        """GET, POST or DELETE."""
        return self.route.partition(" ")[0]


def _get(route: str, path: str | None = None, **given: Any) -> Call:
    more = {name: given.pop(name) for name in ("tells", "parties", "by") if name in given}
    return Call(
        f"GET {route}", path or route, {name.rstrip("_"): text for name, text in given.items()}, **more
    )


def _figures() -> Iterator[Call]:
    """Figures of each agency: on the grid and beside it, by place and by kind."""
    route = "GET /v1/figures/{code}"
    asked: tuple[tuple[str, Mapping[str, str], str, str], ...] = (
        ("registry.users", ON_DAY, "age_band", "police"),
        ("registry.users_with_decision_pct", ON_DAY, "", "police"),
        ("areas.with_drug_problem", ON_DAY, "", ""),
        ("arrests.persons", IN_QUARTER, "outcome", "police"),
        ("conflicts.cause.love", IN_QUARTER, "level", "police"),
        ("drug_cases.subjects", IN_QUARTER, "", "police"),
        ("fires.deaths", IN_QUARTER, "", "police"),
        ("determination.concluded", IN_QUARTER, "substance", "health"),
        ("methadone.active", ON_DAY, "facility", "health"),
        ("methadone.left", IN_QUARTER, "end_reason", "health"),
        ("methadone.doses", IN_QUARTER, "facility", "health"),
        ("detox.in_facility", ON_DAY, "", "labour"),
        ("detox.compulsory_admitted", IN_QUARTER, "", "labour"),
    )
    for code, when, dimension, agency in asked:
        path, tells = f"/v1/figures/{code}", (agency,) if agency else ()
        yield Call(route, path, {**when, "by": "area"}, tells=tells)
        yield Call(route, path, {**when, "by": "commune", "area": FEW_DISTRICT}, tells=tells)
        if dimension:
            yield Call(route, path, {**when, "by": dimension}, tells=tells)
            yield Call(route, path, {**when, "by": f"area,{dimension}"}, tells=tells)
            small = {"by": f"{dimension},commune", "area": FEW_DISTRICT}
            yield Call(route, path, {**when, **small}, tells=tells)
    for code, agency in _STOCKS.items():
        path, few = f"/v1/figures/{code}", {"area": FEW_CODE}
        by: Asked = "everybody" if agency == "health" else "one of each"
        yield Call(route, path, {**few, **ON_DAY}, tells=(agency,), by=by)
        yield Call(route, path, few, tells=(agency,))
        yield Call(route, path, {**few, "as_of": "2023-12-30"}, tells=(agency,))
        yield Call(route, path, {**few, **ON_DAY, "known_at": "2024-01-05"}, tells=(agency,))
        yield Call(route, path, {**few, "calendar": "police", "period": "2023"}, tells=(agency,))
        # Of the district, and not of its communes, a population is published, so a rate could give its count back.
        for more in ({"area": FEW_DISTRICT}, {"by": "area"}):
            yield Call(route, path, {**ON_DAY, **more, "per": "100000"}, tells=(agency,))
        new_areas = {**ON_DAY, "by": "commune", "geography": "2025-08-01", "area": "31"}
        yield Call(route, path, new_areas, tells=(agency,))
        overlap = {**ON_DAY, "by": "commune", "area": FEW_DISTRICT}
        yield Call(f"{route}/overlap", f"{path}/overlap", overlap, tells=(agency,), by=by)
    table = {**ON_DAY, "by": "area,age_band"}
    yield Call(route, "/v1/figures/registry.users", table, tells=("police",), by="everybody")
    yield Call(route, "/v1/figures/registry.users", {**ON_DAY, "by": "sex,age_band"})
    users = {**ON_DAY, "area": FEW_CODE, "by": "commune"}
    yield Call(f"{route}/sql", "/v1/figures/registry.users/sql", users, by="everybody")
    facility = {**ON_DAY, "area": FEW_CODE, "area_of": "facility"}
    yield Call(route, "/v1/figures/methadone.active", facility, tells=("health",))


_STOCKS = {"registry.users": "police", "methadone.active": "health", "detox.in_facility": "labour"}


def _data() -> Iterator[Call]:
    """Data queries in every format, with figures of all agencies in one answer."""
    route = "GET /v1/data/{figures}"
    stocks = (
        "registry.users,registry.users_with_decision_pct,methadone.active,detox.in_facility,hot_spots.open"
    )
    flows = "arrests.persons,conflicts.level.1,fires.deaths,determination.addicted,methadone.left,fires.cases"
    for form in ("json", "csv", "dhis2", "adx"):
        day, quarter = {"startPeriod": "2023-12", "format": form}, {"startPeriod": "2023-Q4", "format": form}
        few = {**day, "area": FEW_CODE}
        by: Asked = "everybody" if form == "json" else "one of each"
        yield Call(route, f"/v1/data/{stocks}", few, tells=AGENCIES, by=by)
        district = {**day, "area": FEW_DISTRICT, "by": "commune"}
        yield Call(route, f"/v1/data/{stocks}", district, tells=AGENCIES)
        yield Call(route, f"/v1/data/{flows}", {**quarter, "by": "area"}, tells=("police", "health"))
        table = {**day, "by": "area,sex"}
        yield Call(route, "/v1/data/registry.users", table, tells=("police",))
        yield Call(route, "/v1/data/methadone.active", {**table, "by": "sex,age_band"})
    yield Call(route, "/v1/data/all", {"startPeriod": "2023-Q4"}, tells=("police",), by="two")
    for more in ({"includeHistory": "true"}, {"updatedAfter": "2023-10-08"}):
        given = {"startPeriod": "2023-12", "area": FEW_CODE, **more}
        yield Call(route, "/v1/data/registry.users,methadone.active", given, tells=("police", "health"))


def _checks() -> Iterator[Call]:
    """Every check over everything, and one of each kind with its parties."""
    yield _get("/v1/checks", **ON_DAY, area=FEW_DISTRICT, tells=AGENCIES, by="everybody")
    for rule, agencies in (
        ("methadone.not_listed", ("health",)),
        ("registry.user_without_decision", ("police",)),
        ("registry.addict_without_slip", ("police",)),
        ("registry.addict_in_community_untreated", ("police",)),
        ("determination.addicted_not_listed", ("health",)),
        ("drug_cases.without_outcome", ()),
        ("declared.contradiction", ()),
    ):
        path = f"/v1/checks/{rule}"
        for more in ({"by": "commune"}, {"area": FEW_CODE}):
            asked: dict[str, str] = {**ON_DAY, **more}
            route = "GET /v1/checks/{rule}"
            by: Asked = "everybody" if (rule, "area") == ("methadone.not_listed", *more) else "one of each"
            yield Call(route, path, asked, tells=agencies, parties=exact_for(rule), by=by)
    for figure, agency in _STOCKS.items():
        for kind in ("balance", "overlap"):
            path, asked = f"/v1/checks/{kind}.{figure}", {**ON_DAY, "by": "commune", "area": FEW_DISTRICT}
            yield Call("GET /v1/checks/{rule}", path, asked, tells=(agency,), parties=frozenset({agency}))
    yield _get("/v1/checks/{rule}", "/v1/checks/recompute")
    statement = {**ON_DAY, "area": FEW_CODE}
    yield Call("GET /v1/checks/{rule}/sql", "/v1/checks/methadone.not_listed/sql", statement, by="everybody")
    marks = "/v1/checks/{rule}/marks"
    for rule in ("methadone.not_listed", "registry.user_without_decision"):
        path = f"/v1/checks/{rule}/marks"
        yield Call(f"GET {marks}", path, statement, by="everybody")
        body = {"line": NOBODY, "mark": "done"}
        yield Call(f"POST {marks}", path, statement, body=body, by="everybody")
    table = {"rows": [{"label": "Tổng số", "value": "5", "role": "total"}, {"label": "Phường", "value": "2"}]}
    yield Call("POST /v1/table-checks", "/v1/table-checks", body=table, by="everybody")


def _reconciliations() -> Iterator[Call]:
    for figure, agency in _STOCKS.items():
        path, few = f"/v1/reconciliations/{figure}", {**ON_DAY, "area": FEW_CODE}
        route = "GET /v1/reconciliations/{figure}"
        by: Asked = "everybody" if agency == "health" else "one of each"
        yield Call(route, path, {**few, "agency": agency}, tells=(agency,), by=by)
        yield Call(route, path, {**few, "declared": "2"}, tells=(agency,))
        yield Call(route, path, {**few, "agency": "committee"})
    marks = "/v1/reconciliations/{figure}/marks"
    for figure, agency in (("registry.users", "police"), ("methadone.active", "health")):
        path, asked = f"/v1/reconciliations/{figure}/marks", {**ON_DAY, "area": FEW_CODE, "agency": agency}
        body = {"line": f"{NOBODY}.recorded_late.{NOBODY}", "mark": "done"}
        yield Call(f"POST {marks}", path, asked, body=body, by="everybody")
    yield _get("/v1/reconciliations", tells=AGENCIES, by="everybody")
    yield _get("/v1/reconciliations", area=FEW_CODE, tells=AGENCIES)


def _reports() -> Iterator[Call]:
    """Every report of a commune, the largest in every format, and those of closings."""
    yield _get("/v1/reports", by="everybody")
    route = "GET /v1/reports/{name}.{format}"
    quarter = {"calendar": "civil", "period": "2023-Q4"}
    few = {**quarter, "area": FEW_CODE}
    for name, form, tells in (
        ("annual", "csv", AGENCIES),
        ("annual", "xlsx", AGENCIES),
        ("annual", "docx", AGENCIES),
        ("annual", "pdf", AGENCIES),
        ("health", "json", ("health",)),
        ("police", "xlsx", ("police",)),
        ("fires-conflicts", "docx", ("police",)),
        ("reconciliation", "csv", AGENCIES),
    ):
        yield Call(route, f"/v1/reports/{name}.{form}", few, tells=tells, by="two")
    yield Call(route, "/v1/reports/annual.json", few, tells=AGENCIES)
    yield Call(route, "/v1/reports/reconciliation.json", few, tells=AGENCIES, by="everybody")
    for closing, parties in (("all", ()), ("police", ("police",))):
        asked = {"closing": f"{{closing {closing}}}"}
        yield Call(route, "/v1/reports/annual.json", asked, tells=("police",), parties=frozenset(parties))


def _compositions() -> Iterator[Call]:
    """What officials have written in a report, and which reports wait; the same on pages."""
    quarter = {"calendar": "civil", "period": "2023-Q4"}
    route, few = "/v1/reports/{report}/composition", {"area": FEW_CODE, "year": "2023"}
    yield _get("/v1/compositions", by="everybody")
    for name in ("annual", "health"):
        yield Call(f"GET {route}", f"/v1/reports/{name}/composition", few, by="everybody")
        body = {"act": "submitted", "seen": 9}
        yield Call(f"POST {route}", f"/v1/reports/{name}/composition", few, body=body, by="everybody")
    yield _get("/reporting/reports", **quarter, area=FEW_CODE, by="everybody")
    pages = "/reporting/reports/{report}"
    for name in ("annual", "health"):
        path = f"/reporting/reports/{name}"
        yield Call(f"GET {pages}", path, few, by="everybody")
        sent = {**few, "act": "submitted", "seen": "9"}
        yield Call(f"POST {pages}", path, body=sent, by="everybody")
    file, printed = f"GET {pages}.{{format}}", "/reporting/reports/reconciliation.csv"
    yield Call(file, printed, {**quarter, "area": FEW_CODE}, tells=AGENCIES, by="everybody")


def _closings() -> Iterator[Call]:
    for path in ("", "/key", "/chain"):
        yield _get(f"/v1/closings{path}", by="everybody")
    for closing, tells in (("all", AGENCIES), ("police", ("police",))):
        one = f"/v1/closings/{{closing {closing}}}"
        by: Asked = "everybody" if closing == "all" else "one of each"
        yield _get("/v1/closings/{closing_id}", one, tells=tells, by=by)
        yield _get("/v1/closings/{closing_id}/replay", f"{one}/replay", by=by)
        yield _get("/v1/closings/{closing_id}/revisions", f"{one}/revisions", tells=("police",), by=by)
        for what, body in (
            ("editions", {}),
            ("publications", {"file": "bao-cao.pdf", "sha256": "0" * 64}),
            ("revisions", None),
        ):
            route = f"POST /v1/closings/{{closing_id}}/{what}"
            yield Call(route, f"{one}/{what}", body=body, by="outsiders")
    order = {"calendar": "civil", "period": "2023-Q4", "figures": "all"}
    yield Call("POST /v1/closings", "/v1/closings", body=order, by="outsiders")


def _ledger() -> Iterator[Call]:
    """Who has handed in for a quarter and as known earlier: in the province, and in the commune that has few."""
    quarter = {"calendar": "civil", "period": "2023-Q4"}
    yield _get("/v1/ledger", **quarter, by="everybody")
    yield _get("/v1/reminders", by="everybody")
    for more in ({"area": FEW_CODE}, {"area": FEW_DISTRICT}, {"known_at": "2023-12-15"}):
        yield _get("/v1/ledger", **quarter, **more)


def _pages() -> Iterator[Call]:
    """The official's room: headline figures of all agencies, and who has handed in."""
    quarter = {"calendar": "civil", "period": "2023-Q4"}
    yield _get("/reporting/", **quarter, area=FEW_CODE, tells=AGENCIES, by="everybody")
    for more in ({"area": FEW_DISTRICT}, {"area": FEW_CODE, "known_at": "2024-01-05"}):
        yield _get("/reporting/", **quarter, **more, tells=AGENCIES)
    yield from _figure_pages(quarter)
    yield _get("/reporting/hand-in", **quarter, by="everybody")
    yield _get("/reporting/hand-in", **quarter, area=FEW_CODE)
    yield from _check_pages(quarter)
    yield from _reconciliation_pages(quarter)
    yield from _closing_pages(quarter)


def _check_pages(quarter: Mapping[str, str]) -> Iterator[Call]:
    """The board of checks, one check with its list, and a line of it."""
    district = {**quarter, "area": FEW_DISTRICT}
    yield _get("/reporting/checks", **district, tells=AGENCIES, by="everybody")
    for rule, agency in (("methadone.not_listed", "health"), ("registry.user_without_decision", "police")):
        path, parties = f"/reporting/checks/{rule}", exact_for(rule)
        route = "GET /reporting/checks/{rule}"
        asked = {**district, "by": "commune", "purpose": "inspection"}
        by: Asked = "everybody" if agency == "health" else "one of each"
        yield Call(route, path, asked, tells=(agency,), parties=parties, by=by)
        line = {**quarter, "area": FEW_CODE, "line": NOBODY, "purpose": "inspection"}
        yield Call(f"{route}/line", f"{path}/line", line, by=by)
        sent = {**line, "mark": "done", "seen": "none"}
        yield Call("POST /reporting/checks/{rule}/line", f"{path}/line", body=sent, by=by)


def _reconciliation_pages(quarter: Mapping[str, str]) -> Iterator[Call]:
    """What agencies declared side by side, the way between two numbers, its minutes, and a record behind a step."""
    yield _get("/reporting/reconciliation", **quarter, by="everybody")
    for figure, agency in _STOCKS.items():
        by: Asked = "everybody" if agency == "health" else "one of each"
        route, path = "GET /reporting/reconciliation/{figure}", f"/reporting/reconciliation/{figure}"
        asked = {**ON_DAY, "area": FEW_CODE, "agency": "police", "purpose": "inspection"}
        yield Call(route, path, {**asked, "step": "recorded_late"}, by=by)
        minutes = {name: text for name, text in asked.items() if name != "purpose"}
        yield Call(f"{route}/minutes", f"{path}/minutes", minutes, by=by)
        line = {**asked, "line": f"{NOBODY}.recorded_late.{NOBODY}"}
        yield Call(f"{route}/line", f"{path}/line", line, by=by)
        sent = {**line, "mark": "done", "seen": "none"}
        yield Call("POST /reporting/reconciliation/{figure}/line", f"{path}/line", body=sent, by=by)


def _closing_pages(quarter: Mapping[str, str]) -> Iterator[Call]:
    """The desk before a closing, what would be closed, and pages of the closings that there are."""
    yield _get("/reporting/closing", **quarter, area=FEW_DISTRICT, figures="police", by="everybody")
    yield _get("/reporting/closing/preview", **quarter, figures="all", by="outsiders")
    yield _get("/reporting/closing/verify", hash="0" * 16, by="everybody")
    verify = "/reporting/closing/verify"
    yield Call(f"POST {verify}", verify, body={"file": "of no closing"}, by="everybody")
    for closing in ("all", "police"):
        one = f"/reporting/closing/{{closing {closing}}}"
        by: Asked = "everybody" if closing == "all" else "one of each"
        route = "GET /reporting/closing/{closing_id}"
        yield Call(route, one, by=by)
        yield Call(f"{route}/document.json", f"{one}/document.json", by=by)
        yield Call(f"{route}/compare", f"{one}/compare", {"other": f"{{closing {closing}}}"}, by=by)
        yield Call(f"{route}/changes", f"{one}/changes", by=by)
        for what in ("editions", "publications"):
            sent = {"name": "Trần Thị Thử", "note": "thử"}
            route_to = f"POST /reporting/closing/{{closing_id}}/{what}"
            yield Call(route_to, f"{one}/{what}", body=sent, by="outsiders")
    sent = {**quarter, "figures": "all", "name": "Trần Thị Thử"}
    yield Call("POST /reporting/closing/close", "/reporting/closing/close", body=sent, by="outsiders")


def _figure_pages(quarter: Mapping[str, str]) -> Iterator[Call]:
    """One figure by its page and as a file: its parts, a table of two dimensions, rates, its months, and why it changed."""
    few, district = {**quarter, "area": FEW_CODE}, {**quarter, "area": FEW_DISTRICT}
    for figure, agency in _STOCKS.items():
        by: Asked = "everybody" if agency == "health" else "one of each"
        for ending in ("", ".csv"):
            route, path = f"GET /reporting/figures/{{figure}}{ending}", f"/reporting/figures/{figure}{ending}"
            yield Call(route, path, few, tells=(agency,), by=by)
            yield Call(route, path, {**district, "by": "commune", "per": "100000"}, tells=(agency,))
            table = {**district, "by": "commune", "across": "sex"}
            yield Call(route, path, table, tells=(agency,))
        route, path = "GET /reporting/figures/{figure}/map", f"/reporting/figures/{figure}/map"
        yield Call(route, path, few, tells=(agency,), by=by)
        yield Call(route, path, district, tells=(agency,))
        yield Call(
            "GET /reporting/figures/{figure}/sql", f"/reporting/figures/{figure}/sql", few, by="everybody"
        )
        growth = "GET /reporting/figures/{figure}/growth"
        yield Call(growth, f"/reporting/figures/{figure}/growth", few, tells=(agency,), by=by)
        # Of the instants the first knows nothing of the year, so the whole count is what has changed.
        yield Call(
            "GET /reporting/figures/{figure}", f"/reporting/figures/{figure}", {**few, "since": "2023-10-15"}
        )


def _follows() -> Iterator[Call]:
    for figure, agency in _STOCKS.items():
        for area in (FEW_CODE, FEW_DISTRICT):
            body = {"figure": figure, "area": area, "as_of": "2023-12-31", "by": "commune"}
            by: Asked = "everybody" if (agency, area) == ("health", FEW_CODE) else "one of each"
            yield Call("POST /v1/follows", "/v1/follows", body=body, tells=(agency,), by=by)
    yield _get("/v1/follows", by="everybody")
    yield Call("DELETE /v1/follows/{follow}", f"/v1/follows/{NOBODY}", by="everybody")


def _plain() -> Iterator[Call]:
    """Routes that say nothing of anybody, and those of operators."""
    for path in ("figures", "calendars", "rule-sets", "areas", "rebuild", "progress"):
        yield _get(f"/v1/{path}", by="everybody")
    yield _get("/reporting/rules/", by="everybody")
    yield Call("GET /reporting/rules/{table}", "/reporting/rules/actions", by="everybody")
    yield Call("POST /v1/rebuild", "/v1/rebuild", {"wait_seconds": "0"}, by="outsiders")


def named(call: Call) -> str:
    """The id of a test of the call."""
    return call.name


CALLS: tuple[Call, ...] = (
    *_figures(),
    *_data(),
    *_checks(),
    *_reconciliations(),
    *_reports(),
    *_compositions(),
    *_closings(),
    *_ledger(),
    *_pages(),
    *_follows(),
    *_plain(),
)
