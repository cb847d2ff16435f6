"""The demonstration province of 2023: register files of an invented population.

The totals that the files add up to are the published ones (`figures-2023.csv` of the pack); every person,
number, name and place record in them is invented (see `people.py`). Only this package knows the totals: the files
go through the same import path as anyone's, and the services compute.

The demonstration is that of one province pack: it names its areas, and nothing else in the project does.
"""

PACK = "hai-duong"
"""The pack that the demonstration needs: it is no demonstration of another province."""
PROVINCE, COMMITTEE, POLICE, HEALTH = "30", "committee:30", "police:30", "health:30"
YEAR = 2023
_DISTRICT = 3  # digits of a district's code
LATE_FIRE = {
    "incident_no": "MINHHOA-CHAY-MUON-01",
    "commune_code": "10513",
    "alarm_at": "27/12/2023 21:40",
    "arrived_at": "27/12/2023 21:55",
    "place": "dwelling",
    "cause": "electrical",
    "damage_vnd": "35000000",
    "responders": "fire_police",
    "unit_code": "police:10513",
}
"""The fire that `khopso demo` hands in after the year is closed."""


def hands_in(form: str, unit: str) -> str:
    """Return the unit whose clerk hands in the rows of a unit of 2023 today.

    Districts' police ended on 1 March 2025, and some stations determine no more: the offices above hand in for them.
    """
    if states(unit) != unit:
        return POLICE
    return HEALTH if form in ("determination", "methadone") else unit


def states(unit: str) -> str:
    """Return the unit whose clerk states today what a unit of 2023 has handed in: its own, or the office above.

    Districts' police ended on 1 March 2025.
    """
    word, _, code = unit.partition(":")
    return POLICE if word == "police" and len(code) == _DISTRICT else unit
