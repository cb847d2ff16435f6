"""Whichever record a step blames for a changed row made the difference: a plain reading of the register says so.

Statuses, removals, presence and stays in detox of a few people, written before or after the cut-off and changed since. The
reading below knows only the versions; where undoing or making the blamed record's changes alone changes nothing while
another record's would, the sentence is wrong.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.envelope import start_of_day
from services.chassis.platform import Platform
from services.reporting.reconciliation.queries import end_of
from services.reporting.reconciliation.usecases import Given
from tests.property.reporting.test_figures_hold import wipe
from tests.support.reconciliation import CUT_OFF, DAY, HAI_DUONG, counts, explain
from tests.support.reporting import CHI_LINH, Log, fold, named, person

LISTED, IN_COMMUNITY = "registry.addicts_with_file", "registry.addicts_in_community"
THEN = end_of(CUT_OFF)
Content = dict[str, Any] | None


@dataclass
class Record:
    """A register row that begins on ``since``, or a stay in detox; its versions as (written, content)."""

    who: str
    name: str
    since: date
    detox: bool
    versions: list[tuple[datetime, Content]]

    @property
    def id(self) -> str:
        kind = "detox centre" if self.detox else "registry police:288"
        return str(named(f"{kind} {self.name}"))

    @property
    def changed(self) -> bool:
        return self.versions[-1][0] > THEN

    def content(self, *, now: bool) -> Content:
        known = [content for written, content in self.versions if now or written <= THEN]
        return known[-1] if known else None

    def write(self, log: Log) -> None:
        for written, content in self.versions:
            about: dict[str, Any] = {"void": True}
            if content is not None:
                day = "admitted_on" if self.detox else "status_from"
                about = {"person": person(self.who), day: self.since, **content}
            form, unit = ("detox", "centre") if self.detox else ("registry", "police:288")
            log.write(form, self.name, unit=unit, recorded=written, **about)


def counted(records: Collection[Record], figure: str, updated: Collection[str]) -> set[str]:
    """A person's rows that count in Hải Dương on the day, where only the ``updated`` records are known as of now."""
    known = [(one, content) for one in records if (content := one.content(now=one.id in updated)) is not None]
    rows = [(one, content) for one, content in known if not one.detox]
    starts = {one.since for one, _ in rows}
    removals = {content["removed_on"] for _, content in rows if "removed_on" in content}
    found = set()
    for one, content in rows:
        ends = {day for day in starts | removals if day > one.since} | {content.get("removed_on", date.max)}
        here = (content["status"], content["commune"]) == ("addict", HAI_DUONG)
        if here and one.since <= DAY < min(ends):
            found.add(one.id)
    if figure == LISTED:
        return found
    said = [(one.since, 0, one.since, content["presence"]) for one, content in rows if "presence" in content]
    for one, content in known:
        if one.detox:
            end = content["ended_on"]
            if end is None or end > one.since:
                said.append((one.since, 2, one.since, "detox_facility"))
            if end is not None:
                said.append((end, 1, one.since, "community"))
    latest = max((statement for statement in said if statement[0] <= DAY), default=None)
    return found if latest is not None and latest[3] == "community" else set()


_DAYS = st.integers(-60, 6).map(lambda n: DAY + timedelta(days=n))
_WRITTEN = (st.integers(-200, 0) | st.integers(1, 90)).map(
    lambda n: start_of_day(CUT_OFF + timedelta(days=n)) + timedelta(hours=1)
)


@st.composite
def rows(draw: Any, who: str, since: date) -> Record:
    """A register row with up to three versions."""
    first: dict[str, Any] = {
        "status": draw(st.sampled_from(("addict", "addict", "user", "post_detox"))),
        "commune": draw(st.sampled_from((HAI_DUONG, HAI_DUONG, CHI_LINH))),
    }
    if draw(st.booleans()):
        first["presence"] = draw(st.sampled_from(("community", "detained", "absent")))
    one = Record(who, f"{who} {since}", since, False, [(draw(_WRITTEN), first)])
    for _ in range(draw(st.integers(0, 2))):
        before, last = one.versions[-1]
        changes: dict[str, Any] = {
            "status": draw(st.sampled_from(("addict", "user"))),
            "commune": draw(st.sampled_from((HAI_DUONG, CHI_LINH))),
            "has_decision": True,
            "removed_on": max(since, draw(_DAYS)),
            "presence": draw(st.sampled_from(("community", "detained"))),
        }
        name = draw(st.sampled_from((*changes, "void")))
        following: Content = None
        if name != "void" or last is None:
            name = "has_decision" if name == "void" else name
            following = {**(last or first), name: changes[name]}
        one.versions.append((max(before + timedelta(hours=1), draw(_WRITTEN)), following))
    return one


@st.composite
def registers(draw: Any) -> list[Record]:
    """Up to three people with up to three rows and two stays each."""
    found: list[Record] = []
    for number in range(draw(st.integers(1, 3))):
        who = f"p{number}"
        days = draw(st.lists(_DAYS, min_size=1, max_size=3, unique=True))
        found += [draw(rows(who, since)) for since in days]
        for stay in range(draw(st.integers(0, 2))):
            since = draw(_DAYS)
            ended = draw(st.none() | st.just(since + timedelta(days=9)))
            content = {"commune": HAI_DUONG, "kind": "compulsory", "ended_on": ended}
            found.append(Record(who, f"{who} {stay}", since, True, [(draw(_WRITTEN), content)]))
    return found


def truly_blamed(records: Collection[Record], figure: str, row: str, blamed: str) -> bool:
    """Whether the blamed record's changes matter to the row, or nobody's alone do."""
    changed = {one.id for one in records if one.changed}

    def counts_with(updated: set[str]) -> bool:
        return row in counted(records, figure, updated)

    then, now = counts_with(set()), counts_with(changed)
    assert then != now, "a row is behind a step where it is counted before it or after it only"
    telling = {one for one in changed if counts_with({one}) != then or counts_with(changed - {one}) != now}
    return blamed in (telling or changed)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.function_scoped_fixture,
        HealthCheck.data_too_large,
    ],
)
@given(register=registers(), figure=st.sampled_from((LISTED, IN_COMMUNITY)))
async def test_the_record_that_a_step_blames_is_one_that_made_the_difference(
    shared: Platform, register: list[Record], figure: str
) -> None:
    log, people = Log(), defaultdict[str, list[Record]](list)
    for one in register:
        one.write(log)
        people[one.who].append(one)
    await wipe(shared)
    await fold(shared, log.messages)
    everything = {one.id for one in register}
    then = sum(bool(counted(records, figure, set())) for records in people.values())
    now = sum(bool(counted(records, figure, everything)) for records in people.values())
    declared = Given(Decimal(then), declared_on=CUT_OFF)
    document = await explain(shared, figure, None, given=declared, area="288")
    if not document["declaration"]["log_kept"]:
        return
    assert (document["at_declared_dates"]["known_at_cut_off"], document["computed"]) == (then, now)
    assert (document["closes"], document["unexplained"], "linked_since" in counts(document)) == (
        True,
        0,
        False,
    )
    owner = {one.id: one.who for one in register}
    for step in document["steps"]:
        for record in step["records"]:
            who = owner[record["record"]]
            assert owner[record["because_of"]] == who
            # Of several late statements about one day any may be named for presence.
            if figure == LISTED:
                assert truly_blamed(people[who], figure, record["record"], record["because_of"]), record
