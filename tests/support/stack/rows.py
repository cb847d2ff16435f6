"""Rows that integration tests hand in, one maker per form that they need."""

from tests.support.stack.truth import Values

COMMUNE = "10549"
"""A commune that the tests of this folder have for themselves."""


def person(
    name: str, *, birth: str = "05/02/1990", number: str | None = None, commune: str = COMMUNE
) -> Values:
    """Identity columns."""
    given = {"national_id": number} if number else {}
    return {"full_name": name, "birth_date": birth, "sex": "Nam", "commune_code": commune, **given}


def site(code: str, does: str = "determination", commune: str = COMMUNE) -> Values:
    """A facility, listed since 2019."""
    return {
        "facility_code": code,
        "valid_from": "01/01/2019",
        "name": "Cơ sở thử nghiệm",
        "commune_code": commune,
        "does": does,
        "recorded_on": "02/01/2019",
    }


def clinician(number: str, code: str) -> Values:
    """A clinician of a facility, certified since 2019."""
    return {
        "clinician_no": number,
        "valid_from": "01/01/2019",
        "full_name": "Mẫu Văn Thử",
        "facility_code": code,
        "basis": "certificate",
    }


def slip(number: str, who: Values, code: str, concluder: str, day: str = "03/11/2023") -> Values:
    """A determination slip with the conclusion `addicted`."""
    return {
        "slip_no": number,
        **who,
        "facility_code": code,
        "clinician_no": concluder,
        "requested_on": day,
        "concluded_on": day,
        "conclusion": "addicted",
        "criteria_met": "4",
    }


def fire(number: str, *, deaths: str = "1", day: str = "14/03/2023", commune: str = COMMUNE) -> Values:
    """A fire in a dwelling."""
    return {
        "incident_no": number,
        "commune_code": commune,
        "alarm_at": f"{day} 10:15",
        "place": "dwelling",
        "cause": "electrical",
        "deaths": deaths,
        "damage_vnd": "1.500.000",
    }
