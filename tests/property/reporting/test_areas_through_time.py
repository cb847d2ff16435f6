"""Any figure in the hierarchy of any date: nobody is guessed, created or lost."""

from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.chassis.platform import Platform
from services.reporting.figures import snapshot
from services.reporting.figures.answering import canonical
from services.reporting.figures.questions import parse_question
from tests.property.reporting.hierarchies import (
    COMMUNES,
    Human,
    count,
    data,
    exists,
    level,
    parts,
    row,
    spot,
    up,
)
from tests.property.reporting.test_figures_hold import wipe
from tests.support.reporting import NOW, Log, ask, fold, person

_LENIENT = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
START, DAYS = date(2024, 9, 1), 700
HIERARCHIES = (date(2023, 6, 1), date(2024, 12, 1), date(2025, 7, 1))
DIVIDED = [
    uid for uid in COMMUNES if spot(uid, HIERARCHIES[2]).lost and parts(spot(uid, HIERARCHIES[2]).lost or "")
]
FIGURE = "registry.addicts_with_file"
_days = st.integers(0, DAYS).map(lambda n: START + timedelta(days=n))


@st.composite
def people(draw: Any) -> list[Human]:
    """A few humans, most of them registered in communes that were divided, some with an address since."""
    made = []
    for number in range(draw(st.integers(1, 6))):
        first = draw(_days)
        pool = DIVIDED if draw(st.integers(0, 3)) else COMMUNES
        there = [uid for uid in pool if exists(uid, first)] or [uid for uid in COMMUNES if exists(uid, first)]
        home = draw(st.sampled_from(there))
        human = Human(f"human {number}", [(first, home, first, "registry")])
        heirs = sorted(parts(spot(home, HIERARCHIES[2]).lost or ""))
        for step in range(draw(st.integers(0, 3))):
            day = START + timedelta(days=DAYS + 10 * number + step - draw(st.integers(0, 40)) * 10)
            near = [uid for uid in heirs if exists(uid, day)] if draw(st.booleans()) else []
            now = near or [uid for uid in COMMUNES if exists(uid, day)]
            recorded = day + timedelta(days=draw(st.integers(0, 60)))
            if day not in {one[0] for one in human.addresses}:
                form = draw(st.sampled_from(["determination", "methadone", "detox"]))
                human.addresses.append((day, draw(st.sampled_from(now)), recorded, form))
        made.append(human)
    return made


def log_of(humans: list[Human]) -> Log:
    log = Log()
    for human in humans:
        linked: dict[str, date] = {}
        for day, commune, recorded, form in human.addresses:
            ref = f"{human.name} {form}"
            given = data(form, commune, day)
            log.write(form, f"{human.name} {day}", person=person(ref), recorded=recorded, **given)
            linked[ref] = min(recorded, linked.get(ref, recorded))
        # A reference is linked once, from its first record on: saying it again later would unsay it until then.
        for ref, known in linked.items():
            log.link(ref, human.name, known=known)
    return log


def rows_of(document: dict[str, Any], by: str) -> dict[str, int]:
    return {one[by]: one["value"] for one in document["rows"] if one["value"]}


@_LENIENT
@given(humans=people(), day=_days, known=_days, frame=st.data())
async def test_every_breakdown_in_every_hierarchy_is_what_the_lists_say(
    shared: Platform, humans: list[Human], day: date, known: date, frame: st.DataObject
) -> None:
    await wipe(shared)
    await fold(shared, log_of(humans).messages)
    geography = frame.draw(st.sampled_from([*HIERARCHIES, day]))
    known = max(known, min(human.addresses[0][2] for human in humans))
    listed = [h for h in humans if h.addresses[0][0] <= day and h.addresses[0][2] <= known]
    province = "30@2008" if geography < HIERARCHIES[2] else "31@2025"
    homes = [spot(h.addresses[0][1], geography).uid for h in humans]
    areas = [province, *{one for home in homes for one in up(home)}]
    for asked in areas:
        for by in ("commune", "area", "region"):
            document = await ask(
                shared,
                FIGURE,
                area=asked,
                as_of=day.isoformat(),
                geography=geography.isoformat(),
                known_at=known.isoformat(),
                by=by,
            )
            expected = count([row(h, by, asked, geography, day, known) for h in listed])
            assert rows_of(document, by) == expected, (asked, by)
            assert document["value"] == sum(expected.values())
            assert document["overlap"] == 0


@_LENIENT
@given(humans=people(), day=_days)
async def test_a_tree_change_creates_and_destroys_nobody(
    shared: Platform, humans: list[Human], day: date
) -> None:
    await wipe(shared)
    await fold(shared, log_of(humans).messages)
    living = sum(human.addresses[0][0] <= day for human in humans)
    for geography in HIERARCHIES:
        for by in ("commune", "area", "region"):
            given = {"as_of": day.isoformat(), "geography": geography.isoformat(), "by": by}
            document = await ask(shared, FIGURE, **given)
            assert document["value"] == sum(rows_of(document, by).values()) == living


@_LENIENT
@given(humans=people(), day=_days, by=st.sampled_from([None, "area", "commune", "region", "sex", "presence"]))
async def test_the_geography_of_the_own_day_is_the_plain_answer(
    shared: Platform, humans: list[Human], day: date, by: str | None
) -> None:
    await wipe(shared)
    await fold(shared, log_of(humans).messages)
    for code, when in ((FIGURE, {"as_of": day.isoformat()}), ("determination.concluded", _until(day))):
        if by == "presence" and code != FIGURE:
            continue
        asked = when | ({} if by is None else {"by": by})
        plain = await _document(shared, code, asked)
        own = await _document(shared, code, asked | {"geography": day.isoformat()})
        assert own.pop("geography") == day.isoformat()
        assert canonical(own) == canonical(plain)


@_LENIENT
@given(humans=people(), day=_days)
async def test_an_address_of_a_later_day_moves_no_figure_of_a_day_with_its_own_hierarchy(
    shared: Platform, humans: list[Human], day: date
) -> None:
    """History must not leak: who lives elsewhere since then lived where the records of then say."""
    await wipe(shared)
    early = [Human(h.name, [one for one in h.addresses if one[0] <= day]) for h in humans]
    await fold(shared, log_of([h for h in early if h.addresses]).messages)
    asked = {"as_of": day.isoformat()}
    before = [await _document(shared, FIGURE, asked | {"by": by}) for by in ("area", "commune", "region")]
    await fold(shared, log_of(humans).messages)
    after = [await _document(shared, FIGURE, asked | {"by": by}) for by in ("area", "commune", "region")]
    assert [canonical(one) for one in before] == [canonical(one) for one in after]


async def _document(platform: Platform, code: str, given: dict[str, str]) -> dict[str, Any]:
    document, _ = await snapshot.ask(platform.uow, parse_question(code, given, NOW), NOW)
    return document


def _until(day: date) -> dict[str, str]:
    return {"from": START.isoformat(), "to": day.isoformat()}


def test_the_communes_whose_successor_of_2024_is_not_known_are_among_those_asked() -> None:
    lost = [uid for uid in COMMUNES if spot(uid, HIERARCHIES[1]).lost and not parts(uid)]
    ended = [uid for uid in lost if exists(uid, HIERARCHIES[0])]
    assert len(ended) == 12
    assert [uid for uid in ended if spot(uid, HIERARCHIES[2]).lost] == [], (
        "by their shapes they lie in one of 2025 each"
    )
    assert len(DIVIDED) == 46
    assert {level(uid) for uid in DIVIDED} == {"commune"}
