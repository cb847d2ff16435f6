"""Pages: milliseconds of the server for each, beside the bare API, bytes of a first load, and fifty clerks at once."""

import gzip
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import httpx

from services.chassis.web.assets import FOLDER
from tests.bench.table import Table, percentile
from tests.support.keepers import KEEPERS, clerk
from tests.support.stack.harness import Province
from tests.support.stack.rows import fire

_GOAL = "p95 ≤ 200 ms"
_YEAR = {"calendar": "civil", "period": "2023"}
_FIGURE = "/reporting/figures/drug_cases.detected"
_CLERKS = 50
_FIRES = 10
_FIRST = ("style.css", "htmx.min.js", "frame.js", "lock.js", "icon.svg")
"""What every page asks for besides the fonts."""


@dataclass(frozen=True)
class Asked:
    """An address of a service; ``form``: asked by the clerk of the unit that keeps it, else by the official of the committee."""

    service: str
    path: str
    given: Mapping[str, str] = field(default_factory=dict)
    form: str = ""


PAGES: Mapping[str, Asked] = {
    "headline figures": Asked("reporting", "/reporting/", _YEAR),
    "hand-ins": Asked("reporting", "/reporting/hand-in", _YEAR),
    "one figure": Asked("reporting", _FIGURE, _YEAR),
    "one figure by area": Asked("reporting", _FIGURE, {**_YEAR, "by": "area"}),
    "its map": Asked("reporting", f"{_FIGURE}/map", _YEAR),
    "what came late": Asked("reporting", f"{_FIGURE}/growth", _YEAR),
    "its statements": Asked("reporting", f"{_FIGURE}/sql", _YEAR),
    "board of checks": Asked("reporting", "/reporting/checks", _YEAR),
    "reconciliation": Asked("reporting", "/reporting/reconciliation", _YEAR),
    "rules": Asked("reporting", "/reporting/rules/"),
    "desk": Asked("treatment", "/treatment/", form="methadone"),
    "form": Asked("treatment", "/treatment/forms/methadone/new", form="methadone"),
    "list": Asked("treatment", "/treatment/forms/methadone/records", form="methadone"),
    "paste": Asked("treatment", "/treatment/forms/methadone/paste", form="methadone"),
    "bare API: one figure": Asked("reporting", "/v1/figures/drug_cases.detected", _YEAR),
    "bare API: hand-ins": Asked("reporting", "/v1/ledger", _YEAR),
    "bare API: checks": Asked("reporting", "/v1/checks", _YEAR),
    "bare API: list": Asked("treatment", "/v1/forms/methadone/records", form="methadone"),
}


def measure(province: Province, rounds: int, table: Table) -> None:
    """S1: each page after everything was folded; the first time is shown apart, since others then read what it worked out."""
    _something_known(province)
    with httpx.Client(timeout=60, trust_env=False) as client:
        for name, asked in PAGES.items():
            answers = [_timed(province, client, asked) for _ in range(rounds + 1)]
            first, *again = [spent for spent, _ in answers]
            packed = len(gzip.compress(answers[-1][1].content)) / 1000
            said = f"{percentile(again, 0.5):.0f}, {percentile(again, 0.95):.0f} ms (first {first:.0f}), {packed:.1f} kB packed"
            table.add("S1", f"{name}: median, 95th percentile", said, _GOAL)
        _first_load(province, client, table)
    _at_once(province, table)


def _something_known(province: Province) -> None:
    """Hand in some fires: before anything is known there is no figure to be asked for."""
    headers = province.clerk("police:30")
    for number in range(_FIRES):
        row = fire(f"page-{number}")
        url = f"{province.url('incidents')}/v1/forms/fires"
        province.client.post(url, json=row, headers=headers).raise_for_status()
    province.settled()


def _first_load(province: Province, client: httpx.Client, table: Table) -> None:
    """S2: fonts, styles, script and the page itself, as they go over the wire to a browser that has nothing yet."""
    fonts = sum(path.stat().st_size for path in FOLDER.glob("*.woff2"))
    rest = sum(len(gzip.compress((FOLDER / name).read_bytes(), 9)) for name in _FIRST)
    for name in ("desk", "form", "list"):
        _, answer = _timed(province, client, PAGES[name])
        page = int(answer.headers["content-length"])
        script = len(gzip.compress((FOLDER / "drafts.js").read_bytes(), 9)) if name == "form" else 0
        total = (fonts + rest + script + page) / 1000
        table.add("S2", f"{name}: first load", f"{total:.1f} kB, the page {page / 1000:.1f} kB", "< 60 kB")


def _at_once(province: Province, table: Table) -> None:
    """S3: fifty clerks who each open the desk, a form and the list."""

    def works(_: int) -> list[float]:
        with httpx.Client(timeout=60, trust_env=False) as client:
            return [_timed(province, client, PAGES[name])[0] for name in ("desk", "form", "list")]

    with ThreadPoolExecutor(_CLERKS) as pool:
        begun = time.perf_counter()
        times = [spent for each in pool.map(works, range(_CLERKS)) for spent in each]
        whole = time.perf_counter() - begun
    said = (
        f"{len(times) / whole:.0f} pages a second, 95th percentile {percentile(times, 0.95):.0f} ms, no error"
    )
    table.add("S3", f"{_CLERKS} clerks at once", said, "no error")


def _timed(province: Province, client: httpx.Client, asked: Asked) -> tuple[float, httpx.Response]:
    token = province.token
    if asked.form:
        who = clerk(KEEPERS[asked.form])
        token = province.issuer.mint(who["unit"], who["role"])
    headers = {"Accept": "text/html", "Accept-Encoding": "gzip", "Authorization": f"Bearer {token}"}
    begun = time.perf_counter()
    answer = client.get(f"{province.url(asked.service)}{asked.path}", params=asked.given, headers=headers)
    spent = (time.perf_counter() - begun) * 1000
    answer.raise_for_status()
    return spent, answer
