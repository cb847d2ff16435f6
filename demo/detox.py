"""Detox episodes (235 persons admitted to compulsory detox in 2023) and the treatment side of post-detox terms."""

from datetime import date

from demo.cast import Cast, Life, Stay
from demo.facilities import DETOX_CENTRE
from demo.people import identity
from demo.world import POLICE_DAY, Row, World, between, days

_STAGES = ("stage_a_on", "stage_b_on", "stage_c_on", "stage_d_on", "stage_e_on")
_STAGE_AFTER = {
    "compulsory": ((1, 3), (12, 25), (90, 130), (240, 330), (335, 360)),
    "voluntary_facility": ((1, 3), (12, 25), (90, 120), (130, 150), (155, 168)),
    "voluntary_home": ((1, 3), (12, 25), (40, 58)),
}
_LAST_FACT = date(2023, 12, 31)
_UNKNOWN_TO_TREATMENT, _UNKNOWN_TO_POLICE = 10, 14


def write_detox(world: World, cast: Cast) -> None:
    """Enter every episode: the centre's own register, and home detox in the communes' registers."""
    for lives in cast.lives.values():
        for life in lives:
            for stay in life.stays:
                _episode(world, life, stay)


def _episode(world: World, life: Life, stay: Stay) -> None:
    rng = world.rng(f"detox:{life.human.cccd}:{stay.admitted}")
    home = stay.kind == "voluntary_home"
    unit = f"committee:{life.human.home.code}" if home else DETOX_CENTRE
    court = "QĐ-TA" if stay.kind == "compulsory" else "QĐ-UBND"
    row: Row = {
        "episode_no": f"{world.number(unit + ':episode'):04d}/{stay.admitted.year}",
        **identity(rng, life.human, manner=stay.manner),
        "kind": stay.kind,
        "facility_code": None if home else DETOX_CENTRE,
        "decision_no": None if stay.kind == "voluntary_facility" else f"{world.number(court):04d}/{court}",
        "decided_on": None if stay.kind == "voluntary_facility" else stay.admitted - days(rng.randint(1, 5)),
        "admitted_on": stay.admitted,
        **_stages(world, life, stay),
        "ended_on": stay.ended,
        "end_reason": stay.reason,
        "unit_code": unit,
    }
    world.write_in_stages("detox", row, (*_STAGES, "ended_on", "end_reason"), share=0.6)


def _stages(world: World, life: Life, stay: Stay) -> Row:
    """The days on which stages were completed, as far as the stay went."""
    rng = world.rng(f"stages:{life.human.cccd}:{stay.admitted}")
    over = stay.ended or _LAST_FACT
    done: Row = {}
    for column, (soonest, latest) in zip(_STAGES, _STAGE_AFTER[stay.kind], strict=False):
        day = stay.admitted + days(rng.randint(soonest, latest))
        if day > over:
            break
        done[column] = day
    return done


def write_post_detox(world: World, cast: Cast) -> None:
    """Enter the terms that the communes' committees run; they and the police list are not quite the same people."""
    rng = world.rng("post_detox")
    present = cast.of("post_detox")
    unlisted = [cast.outsider() for _ in range(_UNKNOWN_TO_POLICE)]
    terms = [(life.human, _first_day(life), life.stays) for life in present[_UNKNOWN_TO_TREATMENT:]]
    terms += [(human, between(rng, date(2022, 1, 10), date(2023, 11, 30)), []) for human in unlisted]
    terms += [(life.human, _first_day(life), life.stays) for life in cast.of("served_out")]
    for human, start, stays in terms:
        until = start + days(365 if stays and stays[0].kind == "voluntary_facility" else 730)
        over = until <= POLICE_DAY
        unit = f"committee:{human.home.code}"
        row: Row = {
            "decision_no": f"{world.number(unit + ':post_detox'):03d}/{start.year}/QĐ-UBND",
            **identity(rng, human),
            "from_on": start,
            "until_on": until,
            "ended_on": until if over else None,
            "end_reason": "completed" if over else None,
            "unit_code": unit,
        }
        world.write_in_stages("post_detox", row, ("ended_on", "end_reason"), share=0.5)
    for _ in range(6):
        human = cast.outsider()
        start = between(rng, date(2021, 3, 1), date(2022, 9, 30))
        ended = start + days(rng.randint(60, 360))
        unit = f"committee:{human.home.code}"
        world.write(
            "post_detox",
            {
                "decision_no": f"{world.number(unit + ':post_detox'):03d}/{start.year}/QĐ-UBND",
                **identity(rng, human),
                "from_on": start,
                "until_on": start + days(730),
                "ended_on": ended,
                "end_reason": rng.choice(("relapsed", "stopped", "died")),
                "unit_code": unit,
            },
        )


def _first_day(life: Life) -> date:
    assert life.listed_from is not None
    return life.listed_from
