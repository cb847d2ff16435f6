"""Community conflicts: 374 from 1 January to 14 December 2023 in every breakdown of the report, and some around."""

from collections.abc import Iterator
from datetime import date
from random import Random

from demo.province import Commune
from demo.world import POLICE_DAY, Row, World, between, day_after_hour, days

_DETECTED, _PARTIES = 374, 1153
_LEVELS = {1: 120, 2: 184, 3: 70}
_CAUSES = {
    "land": (181, 100, 83),
    "daily_life": (98, 38, 0),
    "economic": (38, 18, 11),
    "love": (14, 7, 4),
    "family": (17, 3, 0),
    "rights": (9, 1, 0),
    "other": (17, 11, 10),
}
"""By cause: all, of which not stable at the end of the period, of which prolonged. The 95 that are neither land nor
daily life are not itemised by the source; their split is invented around the prolonged ones, which are."""
_UNSTABLE, _IN_PROGRESS, _RESOLVED_AFTER = 118, 60, 20
_OUTCOMES = ("mediated", "administrative", "criminal")


def write_conflicts(world: World) -> None:
    """Enter the conflicts of 2023's period, those detected after it, and those of 2022."""
    rng = world.rng("conflicts")
    levels = [level for level, count in _LEVELS.items() for _ in range(count)]
    rng.shuffle(levels)
    parties = _parties(rng)
    open_statuses = ["resolved_unstable"] * _UNSTABLE + ["in_progress"] * _IN_PROGRESS
    rng.shuffle(open_statuses)
    unresolved = iter(open_statuses)
    after = iter(_after_turns(rng))
    turns = zip(levels, parties, strict=True)
    for cause, (count, not_stable, prolonged) in _CAUSES.items():
        for turn in range(count):
            level, people = next(turns)
            status = next(unresolved) if turn < not_stable else "resolved_stable"
            detected = between(rng, date(2023, 1, 1), date(2023, 12, 1))
            _write(
                world,
                rng,
                world.province.anywhere(rng),
                {
                    "detected_on": detected,
                    "level": level,
                    "cause": cause,
                    "parties": people,
                    "prolonged": True if turn < prolonged else None,
                    **_status(rng, detected, status, after),
                },
            )
    for count, first, last in (
        (12, date(2023, 12, 15), date(2023, 12, 30)),
        (80, date(2022, 1, 5), date(2022, 12, 28)),
    ):
        for _ in range(count):
            _other(world, rng, between(rng, first, last))


def _after_turns(rng: Random) -> Iterator[bool]:
    """Which of the conflicts in progress were resolved between the police's day and the end of the year."""
    turns = [True] * _RESOLVED_AFTER + [False] * (_IN_PROGRESS - _RESOLVED_AFTER)
    rng.shuffle(turns)
    return iter(turns)


def _status(rng: Random, detected: date, status: str, after: Iterator[bool]) -> Row:
    if status == "in_progress":
        if next(after):
            return {
                "status": rng.choice(("resolved_stable", "resolved_unstable")),
                "status_on": between(rng, date(2023, 12, 15), date(2023, 12, 29)),
                "outcome": "mediated",
            }
        return {"status": "in_progress"}
    return {
        "status": status,
        "status_on": between(rng, detected, POLICE_DAY),
        "outcome": rng.choices(_OUTCOMES, (80, 15, 5))[0],
    }


def _parties(rng: Random) -> list[int]:
    """How many people each conflict involves: two at least, 1,153 together."""
    people = [2] * _DETECTED
    for _ in range(_PARTIES - sum(people)):
        people[rng.randrange(_DETECTED)] += 1
    return people


def _other(world: World, rng: Random, detected: date) -> None:
    resolved = detected.year == 2022
    row: Row = {
        "detected_on": detected,
        "level": rng.randint(1, 3),
        "cause": rng.choice(tuple(_CAUSES)),
        "parties": rng.randint(2, 5),
        "status": "resolved_stable" if resolved else "in_progress",
        "status_on": detected + days(rng.randint(3, 90)) if resolved else None,
        "outcome": "mediated" if resolved else None,
    }
    _write(world, rng, world.province.anywhere(rng), row)


def _write(world: World, rng: Random, commune: Commune, row: Row) -> None:
    """As two hand-ins for some: while in progress, and when resolved."""
    unit = f"police:{commune.code}" if rng.random() < 0.8 else f"police:{commune.district}"
    detected = row["detected_on"]
    assert isinstance(detected, date)
    number = f"MT-{world.number(f'{unit}:conflict:{detected.year}'):02d}/{detected.year}"
    full: Row = {"conflict_no": number, "commune_code": commune.code, **row, "unit_code": unit}
    if row["status"] != "in_progress" and rng.random() < 0.4:
        first = {**full, "status": "in_progress", "status_on": None, "outcome": None}
        noted = world.write("conflicts", first)["recorded_on"]
        again = max(world.noted("conflicts", full), day_after_hour(noted))
        world.write("conflicts", {**full, "recorded_on": again})
    else:
        world.write("conflicts", full)
