"""Causes in any combination: each measured step, and the records behind it, as a plain recount by the rules gives them.

People have several references and episodes; each episode may come late, gain its end, be corrected to another commune or
site, be withdrawn and written again; links come and go. The recount below knows the versions and nothing of the tables.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.envelope import start_of_day
from services.chassis.platform import Platform
from services.reporting.reconciliation.document import Listing
from services.reporting.reconciliation.queries import end_of
from tests.property.reporting.test_figures_hold import wipe
from tests.support.reconciliation import (
    CUT_OFF,
    DAY,
    HAI_DUONG,
    PATIENTS,
    Case,
    counts,
    explain,
)
from tests.support.reporting import CHI_LINH, Log, fold, named, person, value

ASKED = date(2023, 12, 19)
NEVER = datetime(9999, 1, 1, tzinfo=start_of_day(DAY).tzinfo)
Content = dict[str, Any] | None


@dataclass
class Episode:
    """A record of one reference: its versions as (written, content), None = withdrawn."""

    ref: str
    number: int
    versions: list[tuple[datetime, Content]] = field(default_factory=list)

    @property
    def id(self) -> str:
        return str(named(f"methadone F1 {self.ref} {self.number}"))

    def known(self, at: datetime) -> Content:
        return next((content for written, content in reversed(self.versions) if written <= at), None)

    def counted(self, at: datetime, day: date) -> bool:
        content = self.known(at)
        if content is None or content["commune"] != HAI_DUONG:
            return False
        return bool(content["enrolled_on"] <= day < content.get("ended_on", date.max))


@dataclass
class World:
    """Episodes, and which references share a token when."""

    episodes: list[Episode]
    links: list[tuple[str, str, datetime, datetime]]

    def log(self) -> Log:
        log = Log()
        for one in self.episodes:
            for written, content in one.versions:
                about = {"void": True} if content is None else {"person": person(one.ref), **content}
                log.write("methadone", f"{one.ref} {one.number}", unit="F1", recorded=written, **about)
        for ref, token, since, until in self.links:
            log.link(ref, token, known=since, until=None if until == NEVER else until)
        return log

    def names(self, at: datetime) -> dict[str, str]:
        """Reference → the name of its human being: the reference of theirs that was linked first."""
        first = {
            ref: min((since, named(f"ref {ref}").hex) for r, _, since, _ in self.links if r == ref)
            for ref, *_ in self.links
        }
        groups: list[set[str]] = []
        for ref, token, since, until in self.links:
            if since <= at < until:
                touched = [group for group in groups if {ref, f"token {token}"} & group]
                groups = [group for group in groups if group not in touched]
                groups.append({ref, f"token {token}"}.union(*touched))
        found: dict[str, str] = {}
        for group in groups:
            refs = [ref for ref in group if ref in first]
            found |= dict.fromkeys(refs, min(refs, key=lambda ref: first[ref]))
        return found


def cause_of(one: Episode, cut_off: datetime) -> str | None:
    """What happened to a record since the cut-off."""
    before = [content for written, content in one.versions if written <= cut_off]
    now = one.versions[-1][1]
    if not before:
        return "recorded_late" if now is not None else None
    then = before[-1]
    if now is None:
        return "voided_since" if then is not None else None
    if then is None:
        return "corrected_since"
    changed = {name for name in then.keys() | now.keys() if then.get(name) != now.get(name)}
    if not changed:
        return None
    return "corrected_since" if changed & then.keys() else "recorded_late"


def recount(world: World) -> tuple[dict[str, int], dict[str, set[str]]]:
    """The steps that are not nought, and the records that changed in each step but the linking."""
    cut_off = end_of(CUT_OFF)
    then = {one.id: one.ref for one in world.episodes if one.counted(cut_off, DAY)}
    now = {one.id: one.ref for one in world.episodes if one.counted(NEVER, DAY)}
    asked = {one.id: one.ref for one in world.episodes if one.counted(NEVER, ASKED)}
    old, new = world.names(cut_off), world.names(NEVER - timedelta(days=1))
    causes = {one.id: cause_of(one, cut_off) for one in world.episodes}
    linked = {ref for ref, _, since, _ in world.links if since <= cut_off}
    fresh = {
        one.ref
        for one in world.episodes
        if one.id in now
        and one.ref not in then.values()
        and one.ref not in linked
        and causes[one.id] == "recorded_late"
        and one.versions[0][0] > cut_off
    }

    def was(ref: str) -> str:
        start = new.get(ref, ref) if ref in fresh else ref
        return old.get(start, start)

    rows, steps, records, before = dict(then), Counter[str](), {}, len({was(ref) for ref in then.values()})
    for reason in ("recorded_late", "corrected_since", "voided_since"):
        moved = {one for one in then.keys() ^ now.keys() if causes[one] == reason}
        records[reason] = moved
        for one in moved:
            if one in now:
                rows[one] = now[one]
            else:
                del rows[one]
        after = len({was(ref) for ref in rows.values()})
        steps[reason], before = before - after, after
    assert rows.keys() == now.keys(), "every row that differs has a record that did it"
    people = {new.get(ref, ref) for ref in now.values()}
    steps["linked_since"] = before - len(people)
    steps["other_date"] = len(people) - len({new.get(ref, ref) for ref in asked.values()})
    records["other_date"] = now.keys() ^ asked.keys()
    return {step: count for step, count in steps.items() if count}, records


_EARLY, _LATE = st.integers(-200, 0), st.integers(1, 90)


def _instant(days: int, hour: int) -> datetime:
    return start_of_day(CUT_OFF + timedelta(days=days)) + timedelta(hours=hour)


@st.composite
def episodes(draw: Any, ref: str, number: int) -> Episode:
    """A record with up to four versions, some of them after the cut-off."""
    one = Episode(ref, number)
    content: dict[str, Any] = {
        "commune": draw(st.sampled_from((HAI_DUONG, HAI_DUONG, CHI_LINH))),
        "facility": "F1",
        "enrolled_on": DAY + timedelta(days=draw(st.integers(-30, 6))),
    }
    if draw(st.booleans()):
        content["ended_on"] = max(content["enrolled_on"], DAY + timedelta(days=draw(st.integers(-5, 8))))
    written = _instant(draw(_EARLY | _LATE), 1)
    one.versions.append((written, content))
    for _ in range(draw(st.integers(0, 3))):
        written = max(written + timedelta(hours=1), _instant(draw(_EARLY | _LATE), 2))
        last = one.versions[-1][1]
        change = draw(st.sampled_from(("end", "move", "site", "void", "same")))
        following: Content = dict(last or content)
        assert following is not None
        if change == "void":
            if last is None:
                continue
            following = None
        elif change == "end":
            following["ended_on"] = max(
                following["enrolled_on"], DAY + timedelta(days=draw(st.integers(-5, 8)))
            )
        elif change == "move":
            following["commune"] = CHI_LINH if following["commune"] == HAI_DUONG else HAI_DUONG
        elif change == "site":
            following["facility"] = "F2" if following["facility"] == "F1" else "F1"
        one.versions.append((written, following))
    return one


@st.composite
def worlds(draw: Any) -> World:
    """A few people with several references and episodes each."""
    world = World([], [])
    for number in range(draw(st.integers(1, 5))):
        refs = [f"p{number} {name}" for name in "abc"[: draw(st.integers(1, 3))]]
        for ref in refs:
            for count in range(draw(st.integers(1, 2))):
                world.episodes.append(draw(episodes(ref, count)))
        if len(refs) > 1:
            for ref in refs:
                since = _instant(draw(_EARLY | _LATE), 3)
                gone = draw(st.booleans())
                until = since + timedelta(days=draw(st.integers(1, 120))) if gone else NEVER
                world.links.append((ref, f"token {number}", since, until))
    return world


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.function_scoped_fixture,
        HealthCheck.data_too_large,
    ],
)
@given(world=worlds(), order=st.data())
async def test_steps_and_records_are_those_of_a_plain_recount_whatever_causes_meet(
    shared: Platform, world: World, order: st.DataObject
) -> None:
    known = {one.ref for one in world.episodes if one.counted(end_of(CUT_OFF), DAY)}
    old = world.names(end_of(CUT_OFF))
    declared = len({old.get(ref, ref) for ref in known})
    case = Case(world.log())
    case.declare(declared, figure=PATIENTS, agency="health", area="288@2008")
    await wipe(shared)
    await fold(shared, order.draw(st.permutations(case.log.messages)), batch=order.draw(st.integers(1, 50)))
    document = await explain(shared, PATIENTS, "health", area="288", as_of=ASKED.isoformat())
    assert (document["at_declared_dates"]["known_at_cut_off"], document["declaration"]["log_kept"]) == (
        declared,
        True,
    )
    steps, behind = recount(world)
    assert counts(document) == steps
    assert document["closes"] is True
    assert document["computed"] == await value(shared, PATIENTS, area="288", as_of=ASKED.isoformat())
    for step in document["steps"]:
        found = [record["record"] for record in step["records"]]
        assert len(found) == step["records_total"]
        if step["step"] in behind:
            listed = {one for one in found if one in behind[step["step"]]}
            assert listed == behind[step["step"]]
            assert set(found) - listed <= same_everywhere(world, step["step"]), step["step"]
    await paged(shared, document)


def same_everywhere(world: World, step: str) -> set[str]:
    """Records that are counted before and after a step, yet at another site: listed, since another row is counted."""
    if step == "other_date":
        return set()
    cut_off = end_of(CUT_OFF)
    return {
        one.id
        for one in world.episodes
        if cause_of(one, cut_off) == step and one.counted(cut_off, DAY) and one.counted(NEVER, DAY)
    }


async def paged(platform: Platform, document: dict[str, Any]) -> None:
    """Page by page each step has the same records, none twice, none lost."""
    most = max(step["records_total"] for step in document["steps"])
    pages: dict[str, list[Any]] = {step["step"]: [] for step in document["steps"]}
    for offset in range(0, most, 2):
        listing = Listing(2, offset)
        page = await explain(
            platform, PATIENTS, "health", area="288", as_of=ASKED.isoformat(), listing=listing
        )
        for step in page["steps"]:
            pages[step["step"]] += step["records"]
    assert pages == {step["step"]: step["records"] for step in document["steps"]}
