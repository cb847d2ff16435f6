"""`compositions`: what officials write in reports, and the way of a report to the level above: list, show, write, send, decide."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from khopso.api import Api
from khopso.commands.closing import closing_named
from khopso.commands.options import Acting, Area, AsJson, Calendar, DataDir, Period, filled, with_options
from khopso.console import Console
from khopso.failure import Exit, FailureError
from khopso.language import brief, help_of, spoken
from khopso.proofs import read_bytes
from khopso.settings import chosen_data_dir
from khopso.words import moment_shown
from reference import area_book, unit_name
from texts import Message

PARTS = ("remarks", "causes", "directions", "recommendations")
_TIMEOUT_SECONDS = 300.0  # what is sent up waits for everything that was handed in
_PATIENCE_SECONDS = 5.0

compositions = typer.Typer(help=help_of("cli.compositions.help"), no_args_is_help=True)

Name = Annotated[str, typer.Argument(help=help_of("cli.compositions.name"), metavar="REPORT")]
Reason = Annotated[str, typer.Option("--reason", help=help_of("cli.compositions.reason"))]
Shown = Annotated[int, typer.Option("--seen", min=0, help=help_of("cli.compositions.shown"))]
Seen = Annotated[int | None, typer.Option("--seen", min=0, help=help_of("cli.compositions.seen"))]
TextFile = Annotated[
    Path | None,
    typer.Option("--remarks", help=help_of("cli.compositions.remarks"), metavar="FILE", dir_okay=False),
]
Causes = Annotated[
    Path | None,
    typer.Option("--causes", help=help_of("cli.compositions.causes"), metavar="FILE", dir_okay=False),
]
Directions = Annotated[
    Path | None,
    typer.Option("--directions", help=help_of("cli.compositions.directions"), metavar="FILE", dir_okay=False),
]
Recommendations = Annotated[
    Path | None,
    typer.Option(
        "--recommendations", help=help_of("cli.compositions.recommendations"), metavar="FILE", dir_okay=False
    ),
]


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """Options that say which report is meant: a year, a period of a calendar, or an edition of a closing; of which area."""

    year: Annotated[str | None, typer.Option("--year", help=help_of("cli.report.year"))] = None
    calendar: Calendar = None
    period: Period = None
    area: Area = None
    closing: Annotated[str | None, typer.Option("--closing", help=help_of("cli.option.closing"))] = None

    def parameters(self, api: Api) -> dict[str, str]:
        """Return what was given under the service's names; a closing that is named by its period by its id."""
        closing = None if self.closing is None else closing_named(api, self.closing)
        return filled(
            {
                "year": self.year,
                "calendar": self.calendar,
                "period": self.period,
                "area": self.area,
                "closing": closing,
            }
        )


@dataclass(frozen=True, slots=True)
class CallOptions:
    """Options of every command here: who acts, on which stack, and how the answer is printed."""

    person: Acting = None
    data_dir: DataDir = None
    as_json: AsJson = False

    def api(self) -> Api:
        """Return the services, called by whoever acts."""
        return Api(chosen_data_dir(self.data_dir), person=self.person, timeout_seconds=_TIMEOUT_SECONDS)


@dataclass(frozen=True, slots=True)
class TextOptions:
    """The files of the four texts; a text without one stays as it is."""

    remarks: TextFile = None
    causes: Causes = None
    directions: Directions = None
    recommendations: Recommendations = None

    def texts(self) -> dict[str, str]:
        """Return the texts that files were named for; FailureError (exit 2) without any, and for what is no text in UTF-8."""
        files: dict[str, Path] = filled({part: getattr(self, part) for part in PARTS})
        if not files:
            raise FailureError(Exit.WRONG_USE, "report_text_missing")
        return {part: _text_in(file) for part, file in files.items()}


def _text_in(file: Path) -> str:
    try:
        text = read_bytes(file).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FailureError(Exit.WRONG_USE, "report_text_encoding", file=file) from None
    return text.replace("\r\n", "\n").strip()


@compositions.command("list", help=help_of("cli.compositions.list.help"))
@with_options
def listed(call: CallOptions) -> None:
    """List the reports that wait for the caller, the latest first."""
    console = Console(call.as_json)
    found: list[dict[str, Any]] = []
    after: dict[str, str] = {}
    with call.api() as api:
        while True:
            page = api.get("reporting", "/v1/compositions", after, patience_seconds=_PATIENCE_SECONDS)
            found += page["reports"]
            if page["next"] is None:
                break
            after = {"after": page["next"]}

    def show_all() -> None:
        headings = ("page.reports.report", "page.reports.area", "page.reports.span", "page.reports.why")
        console.table(
            [*((spoken(code), "left") for code in headings), (spoken("page.report.last"), "left")],
            [
                [
                    one["report"],
                    _area_shown(one["area"]),
                    one["span"],
                    spoken(f"page.reports.why.{one['why']}"),
                    _step_shown(one["last"]),
                ]
                for one in found
            ],
        )

    console.result({"reports": found}, show_all)


@compositions.command("show", help=help_of("cli.compositions.show.help"))
@with_options
def show(name: Name, report: ReportOptions, call: CallOptions) -> None:
    """Print what is written in a report, what stands of it, and every step so far."""
    console = Console(call.as_json)
    with call.api() as api:
        found = _read(api, name, report.parameters(api))
    console.result(found, lambda: _show(console, found))


@compositions.command("write", help=help_of("cli.compositions.write.help"))
@with_options
def write(
    name: Name, texts: TextOptions, report: ReportOptions, call: CallOptions, seen: Seen = None
) -> None:
    """Keep the texts in the files; those without a file stay as they are."""
    console = Console(call.as_json)
    given = texts.texts()
    with call.api() as api:
        named = report.parameters(api)
        stands = _read(api, name, named)
        kept = {part: stands[part] for part in PARTS} | given
        _step(console, api, name, named, {"act": "written", "seen": _seen(seen, stands), **kept})


@compositions.command("take-over", help=help_of("cli.compositions.take_over.help"))
@with_options
def take_over(name: Name, report: ReportOptions, call: CallOptions, seen: Seen = None) -> None:
    """Begin with the texts of the edition before."""
    _act("taken_over", name, report, seen, call)


@compositions.command("submit", help=help_of("cli.compositions.submit.help"))
@with_options
def submit(name: Name, report: ReportOptions, call: CallOptions, seen: Seen = None) -> None:
    """Send a report up."""
    _act("submitted", name, report, seen, call)


@compositions.command("recall", help=help_of("cli.compositions.recall.help"))
@with_options
def recall(name: Name, reason: Reason, report: ReportOptions, call: CallOptions, seen: Seen = None) -> None:
    """Take a report back that was sent up."""
    _act("recalled", name, report, seen, call, reason)


@compositions.command("approve", help=help_of("cli.compositions.approve.help"))
@with_options
def approve(name: Name, seen: Shown, report: ReportOptions, call: CallOptions) -> None:
    """Approve a report of the level below, as it was shown."""
    _act("approved", name, report, seen, call)


@compositions.command("return", help=help_of("cli.compositions.return.help"))
@with_options
def send_back(
    name: Name, reason: Reason, report: ReportOptions, call: CallOptions, seen: Seen = None
) -> None:
    """Return a report of the level below, to be mended."""
    _act("returned", name, report, seen, call, reason)


def _act(
    act: str, name: str, report: ReportOptions, seen: int | None, call: CallOptions, reason: str | None = None
) -> None:
    console = Console(call.as_json)
    with call.api() as api:
        named = report.parameters(api)
        step = {"act": act, "seen": _seen(seen, _read(api, name, named)), "reason": reason}
        _step(console, api, name, named, filled(step))


def _path(name: str) -> str:
    return f"/v1/reports/{name}/composition"


def _read(api: Api, name: str, named: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = api.get("reporting", _path(name), named, patience_seconds=_PATIENCE_SECONDS)
    return found


def _seen(given: int | None, stands: Mapping[str, Any]) -> int:
    """Return the number of the last step that the caller was shown: as given, else what stands now."""
    return int(stands["seen"]) if given is None else given


def _step(console: Console, api: Api, name: str, named: Mapping[str, str], step: Mapping[str, Any]) -> None:
    done = api.post("reporting", _path(name), step, named)
    said = spoken("cli.compositions.unchanged") if done["outcome"] == "unchanged" else _stands(done)
    console.result(done, lambda: console.line(f"{name}: {said}"))


def _show(console: Console, found: Mapping[str, Any]) -> None:
    console.line(f"{found['report']}, {_area_shown(found['area'])}: {_stands(found)}", "bold")
    for part in PARTS:
        if found[part]:
            console.line(f"\n{spoken(f'report.part.{part}')}", "bold")
            console.line(found[part])
    if earlier := found["earlier"]:
        console.line()
        who = _who(earlier["last"])
        at = moment_shown(earlier["last"]["at"])
        console.line(spoken("page.report.offer", edition=earlier["edition"], who=who, when=at), "yellow")
    console.line()
    headings = ("step", "who", "when", "reason")
    console.table(
        [
            (spoken("operations.number"), "right"),
            *((spoken(f"page.report.{one}"), "left") for one in headings),
        ],
        [
            [
                str(one["number"]),
                spoken(f"report.act.{one['act']}"),
                _who(one),
                moment_shown(one["at"]),
                one["reason"] or "",
            ]
            for one in found["steps"]
        ],
    )


def _stands(found: Mapping[str, Any]) -> str:
    state = spoken(f"report.state.{found['state']}")
    return f"{state}, {spoken('cli.compositions.step', number=found['seen'])}"


def _step_shown(step: Mapping[str, Any]) -> str:
    act = spoken(f"report.act.{step['act']}")
    return f"{act}, {_who(step)}, {moment_shown(step['at'])}"


def _who(step: Mapping[str, Any]) -> str:
    return f"{step['by']} ({unit_name(step['unit'])})"


def _area_shown(uid: str) -> str:
    area = area_book().by_uid.get(uid)
    return uid if area is None else brief(Message(area.name, area.name))
