"""Print a reconciliation: the waterfall from a declared number to the computed one, and the records behind its steps."""

from typing import Any

from khopso.api import text_of
from khopso.console import Console
from khopso.language import lines, rendered, spoken
from khopso.line_marks import show_mark
from khopso.record_names import called
from khopso.words import day_shown, shown, when
from reference import AGENCY

_BAR = 24
_KINDS = {"measured": "waterfall.measured", "possible": "waterfall.possible"}
_ROUNDINGS = {
    "exact": "waterfall.exact",
    "rounded": "waterfall.rounded",
    "truncated": "waterfall.truncated",
    None: "waterfall.does_not_follow",
}
_SIDES = {"declared": "waterfall.declared", "computed": "waterfall.computed", "both": "waterfall.both"}


def signed(value: float) -> str:
    """Return a step's count: with its sign, so that what adds and what takes away can be told apart."""
    return f"+{shown(value)}" if value > 0 else shown(value).replace("-", "−")


def _named(one: dict[str, Any]) -> str:
    """Return the agency's name of a declaration or step."""
    return AGENCY.get(one["agency"], "–")


def bar(value: float, most: float) -> str:
    """Return a bar to the right for what the agency has more, to the left for what it has less."""
    if not value or not most:
        return f"{'':>{_BAR // 2}}│"
    # The smallest step is still one block long: without any it would look like none.
    length = max(1, round(abs(value) / most * (_BAR // 2)))
    return f"{'':>{_BAR // 2}}│{'█' * length}" if value > 0 else f"{'█' * length:>{_BAR // 2}}│"


def show_waterfall(console: Console, answer: dict[str, Any]) -> None:
    """Print a reconciliation."""
    declaration = answer["declaration"]
    console.line(rendered(text_of(answer)), style="bold")
    console.line(f"{answer['area']} {answer['area_name']}, {when(answer)}, {_named(answer)}")
    if not declaration["same_dates"]:
        console.line(f"{spoken('waterfall.other_dates')}: {when(declaration)}", style="yellow")
    if not declaration.get("log_kept", True):
        console.line(spoken("waterfall.log_not_kept"), style="yellow")
    console.line()
    _waterfall(console, answer)
    console.line()
    if not answer["difference"]:
        console.line(spoken("waterfall.agree"), style="green")
    console.line(
        f"{spoken('waterfall.difference')} = {signed(answer['difference'])}"
        f", {spoken('waterfall.unexplained')} {signed(answer['unexplained'])}"
    )
    _knowledge(console, answer)
    _ratio(console, answer)
    _parts(console, answer)
    _others(console, answer)
    _between(console, answer)
    for step in answer["steps"]:
        _records(console, step)
    if "records_hidden" in answer and answer["records_hidden"]["rule"] == "reconcile_records_hidden":
        console.note(rendered(text_of(answer["records_hidden"])), style="yellow")
    if "minors_left_out" in answer:
        console.note(rendered(text_of(answer["minors_left_out"])), style="yellow")


def show_declarations(console: Console, declarations: list[dict[str, Any]]) -> None:
    """Print every declared number beside the computed one; those that differ are marked."""
    rows = [
        [
            f"{one['vi']}\n{one['figure']}",
            _named(one),
            f"{one['area']} {one['area_name']}",
            when(one),
            shown(one["declared"]),
            shown(one["computed"]),
            "–" if one["difference"] is None else signed(one["difference"]),
            "" if one["agrees"] else "≠",
        ]
        for one in declarations
    ]
    headings = [
        (spoken("waterfall.figure"), "left"),
        (spoken("waterfall.agency"), "left"),
        (spoken("waterfall.area"), "left"),
        (spoken("waterfall.dates"), "left"),
        (spoken("waterfall.declared"), "right"),
        (spoken("waterfall.computed"), "right"),
        ("+/−", "right"),
        ("", "left"),
    ]
    console.table(headings, rows)
    off = sum(not one["agrees"] for one in declarations)
    console.line(spoken("waterfall.counted", declared=len(declarations), off=off))


def _between(console: Console, answer: dict[str, Any]) -> None:
    """Print the steps from the first agency's number to the computed figure and from there to the second agency's number."""
    if "between" not in answer:
        return
    other, between = answer["against"], answer["between"]
    sides = [(answer, when(answer["declaration"])), (other, when(other["declaration"]))]
    first, last = (f"{_named(side)} ({about}, {day_shown(side['declared_on'])})" for side, about in sides)
    rows = [[first, "", shown(answer["declared"])]]
    running = answer["declared"]
    for step in between["steps"]:
        # JSON has floats: unrounded, a sum of percentages would end in a long row of digits.
        running = round(running - step["count"], 9)
        rows.append(
            [
                f"  {_named(step)}: " + "\n  ".join(lines(text_of(step))),
                signed(step["count"]),
                shown(running),
            ]
        )
    rows.append([last, "", shown(other["declared"])])
    console.line()
    console.line(
        f"{_named(answer)} − {_named(other)} = {signed(between['difference'])}"
        f", {spoken('waterfall.unexplained')} {signed(between['unexplained'])}"
    )
    console.table(
        [(spoken("waterfall.step"), "left"), ("+/−", "right"), (spoken("waterfall.left"), "right")], rows
    )


def _knowledge(console: Console, answer: dict[str, Any]) -> None:
    """Print the figure at the declared dates, as known at the cut-off and now, and the difference that is left now."""
    there = answer["at_declared_dates"]
    then, now = shown(there["known_at_cut_off"]), shown(there["known_now"])
    left = signed(there["declared_minus_known_now"])
    console.line(spoken("waterfall.known", when=when(answer["declaration"]), then=then, now=now))
    if not answer["unexplained"]:
        return
    if then != now:
        console.line(spoken("waterfall.left_if_known", left=left))
    for step in answer["steps"]:
        if step["kind"] == "possible" and not step["count"] and step["records_total"]:
            text = rendered(text_of(step))
            console.line(f"{spoken('waterfall.worth_a_look')}: {text}: {signed(step['found'])}")
    for lead in answer["leads"]:
        names = f" ({', '.join(lead['calendars'])})" if lead["calendars"] else ""
        console.line(f"{spoken('waterfall.exactly_that_of')} {when(lead)}{names}")


def _waterfall(console: Console, answer: dict[str, Any]) -> None:
    shown_steps = [step for step in answer["steps"] if step["count"] or _moved(step)]
    most = max((abs(step["count"]) for step in shown_steps), default=0)
    declared_on = day_shown(answer["declared_on"])
    on = f"{spoken('waterfall.on')} {declared_on}"
    rows = [[spoken("waterfall.from_declared"), "", shown(answer["declared"]), "", on, ""]]
    running = answer["declared"]
    for step in shown_steps:
        running = round(running - step["count"], 9)
        rows.append(
            [
                "\n".join(f"  {line}" for line in lines(text_of(step))),
                signed(step["count"]),
                shown(running),
                bar(step["count"], most),
                spoken(_KINDS[step["kind"]]) if step["kind"] in _KINDS else "–",
                _behind(step),
            ]
        )
    rows.append([spoken("waterfall.to_computed"), "", shown(answer["computed"]), "", "", ""])
    headings = (
        (spoken("waterfall.step"), "left"),
        ("+/−", "right"),
        (spoken("waterfall.left"), "right"),
        ("", "left"),
        ("", "left"),
        (spoken("waterfall.records"), "left"),
    )
    console.table(list(headings), rows)


def _moved(step: dict[str, Any]) -> bool:
    # A step of nought with records is shown: as many came as went, and each of them is worth a look.
    return bool(step["kind"] == "measured" and step["records_total"])


def _behind(step: dict[str, Any]) -> str:
    if not step["records_total"]:
        return ""
    text = str(step["records_total"])
    if step["kind"] == "possible" and step["count"] != step["found"]:
        return f"{shown(abs(step['count']))} {spoken('waterfall.of')} {shown(abs(step['found']))}"
    if step["in_declared_only"] or step["in_computed_only"]:
        text += f" (+{step['in_declared_only']} −{step['in_computed_only']})"
    return text


def _ratio(console: Console, answer: dict[str, Any]) -> None:
    if "numerator" not in answer:
        return
    above, below = answer["numerator"], answer["denominator"]
    own = answer["of_declared_counts"]
    console.line(f"= {shown(above['computed'])} {above['vi']} / {shown(below['computed'])} {below['vi']}")
    console.line(f"{spoken('waterfall.percent')}: {spoken(_ROUNDINGS[answer['rounding']])}")
    if own is not None:
        console.line(
            f"{spoken('waterfall.own_counts')}: {shown(above['declared'])} / {shown(below['declared'])}"
            f" = {shown(own['percent'])} %, {spoken(_ROUNDINGS[own['rounding']])}"
        )


def _parts(console: Console, answer: dict[str, Any]) -> None:
    parts = answer["parts"]
    if parts is None:
        return
    rows = [
        [
            f"{part['area']} {part['name'] or ''}".strip(),
            shown(part["declared"]),
            shown(part["computed"]),
            "–" if part["difference"] is None else signed(part["difference"]),
        ]
        for part in parts["rows"]
        if part["difference"] != 0
    ]
    console.line()
    console.line(
        f"{spoken('waterfall.by_part')}: {spoken('waterfall.too_many')} {signed(parts['off_upwards'])},"
        f" {spoken('waterfall.too_few')} {signed(parts['off_downwards'])};"
        f" {spoken('waterfall.sum_of_parts')} {shown(parts['declared_sum'])}"
    )
    if rows:
        console.table(
            [
                (spoken("waterfall.area"), "left"),
                (spoken("waterfall.declared"), "right"),
                (spoken("waterfall.computed"), "right"),
                ("+/−", "right"),
            ],
            rows,
        )


def _others(console: Console, answer: dict[str, Any]) -> None:
    others = answer["other_declarations"]
    if others:
        listed = "; ".join(f"{when(other)} = {shown(other['value'])}" for other in others[:5])
        console.line(f"{spoken('waterfall.others')}: {listed}")


def _time(record: dict[str, Any]) -> str:
    """Return from when to when a row counts; of another agency's record that is not known."""
    if record["since"] is None:
        return "–"
    return f"{day_shown(record['since'])}–{day_shown(record['until']) if record['until'] else ''}"


def _records(console: Console, step: dict[str, Any]) -> None:
    if not step["records"]:
        return
    console.line()
    rows = [
        [
            called(record) or "–",
            record["unit"] or "–",
            f"{record['area'] or ''} {record['area_name'] or ''}".strip(),
            _time(record),
            spoken(_SIDES[record["counted_in"]]),
            "\n".join(lines(text_of(record["reason"]))),
        ]
        for record in step["records"]
    ]
    console.table(
        [
            (spoken("figure.record"), "left"),
            (spoken("figure.unit"), "left"),
            (spoken("waterfall.area"), "left"),
            (spoken("waterfall.time"), "left"),
            (spoken("waterfall.counted_in"), "left"),
            (spoken("waterfall.reason"), "left"),
        ],
        rows,
        title=f"{rendered(text_of(step))} ({len(rows)} / {step['records_total']})",
    )
    for record in step["records"]:
        # Below the table, so that what names a line can be copied in one piece.
        if record.get("line"):
            console.line(f"  {record['line']}  {called(record)}")
            show_mark(console, record.get("mark"))
