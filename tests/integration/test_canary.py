"""No name, number or birth date leaves its service: unique strings are planted everywhere and searched everywhere."""

import base64
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import orjson
import pytest

from contracts.forms import FORMS
from contracts.topics import TOPICS
from deploy.embedded.postgres import program
from deploy.embedded.state import SERVICES
from tests.support.stack.harness import Province, owner_of
from tests.support.stack.keeping import unit_of
from tests.support.stack.log import Record, put, read
from tests.support.stack.parts import wait_for
from tests.support.stack.rows import COMMUNE, clinician, site
from tests.support.stack.submissions import Sender

IDENTITY_FORMS = [form.name for form in FORMS.values() if form.identity]
_FACILITY, _CLINICIAN = "CS-CANARY", "BS-CANARY"
_CAMP = "CS-CANARY-CN"
_REST: dict[str, dict[str, str]] = {
    "registry": {
        "status": "user",
        "status_from": "01/03/2023",
        "decision_no": "$decision",
        "decision_date": "01/03/2023",
    },
    "determination": {
        "facility_code": _FACILITY,
        "clinician_no": _CLINICIAN,
        "requested_on": "01/03/2023",
        "concluded_on": "02/03/2023",
        "conclusion": "addicted",
    },
    "methadone": {"enrolled_on": "01/03/2023", "facility_code": _FACILITY},
    "detox": {
        "kind": "compulsory",
        "facility_code": _CAMP,
        "admitted_on": "02/03/2023",
        "decision_no": "$decision",
        "decided_on": "01/03/2023",
    },
    "post_detox": {"from_on": "01/03/2023", "until_on": "01/09/2023"},
    "arrests": {"case_no": "VA-1", "arrested_on": "01/03/2023"},
}
_NUMBERS = {"registry": "record_no", "determination": "slip_no", "methadone": "patient_no", "detox": "episode_no",
            "post_detox": "decision_no"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Canary:
    """A row with strings that occur nowhere else, and the spellings of them to search for."""

    form: str
    values: dict[str, str]
    traces: tuple[str, ...]


def canary(form: str, serial: int) -> Canary:
    """A row of an identity form; every field that could point at somebody is unique to it."""
    # Long enough never to occur by chance in hashes, keys and sealed texts.
    word = "".join("qxzwjvkfhy"[int(digit)] for digit in str(1_234_567_891 + serial * 7_919_317))
    name = f"Kanari {word.title()} Thử"
    birth = f"{serial % 28 + 1:02d}/{serial % 12 + 1:02d}/19{40 + serial % 37}"
    number = f"0301{birth[-2:]}88{serial:04d}"
    paper = f"SO-{word}-{serial:04d}"
    values = {
        "full_name": name,
        "birth_date": birth,
        "sex": "Nữ",
        "national_id": number,
        "commune_code": COMMUNE,
        **_REST[form],
    }
    if form in _NUMBERS:
        values[_NUMBERS[form]] = paper
    values = {column: text.replace("$decision", f"{paper}-QĐ") for column, text in values.items()}
    day, month, year = birth.split("/")
    return Canary(form, values, (word, name, birth, f"{year}-{month}-{day}", number, paper))


@pytest.fixture(scope="module")
def planted(province: Province) -> list[Canary]:
    """Canaries of every identity form: accepted over HTTP and Kafka, refused over both, and in poisoned messages."""
    found: list[Canary] = []
    errors: list[str] = []
    province.hand_in("facilities", [site(_FACILITY, "determination;methadone"), site(_CAMP, "detox")])
    province.hand_in("clinicians", [clinician(_CLINICIAN, _FACILITY)])
    named = clinician("BS-CANARY-2", _FACILITY)
    found.append(Canary("clinicians", named, ("kanari bác sĩ",)))
    province.hand_in("clinicians", [{**named, "full_name": "Kanari Bác Sĩ"}])
    sender = Sender(province)
    names: list[str] = []
    for index, form in enumerate(IDENTITY_FORMS):
        service = owner_of(form)
        accepted, sent, refused, sent_refused, poison = (canary(form, index * 10 + n) for n in range(5))
        assert province.hand_in(form, [accepted.values])["accepted"] == 1
        bad = {**refused.values, "sex": "neither", "recorded_on": "01/01/1990"}
        for path, body in (
            (f"/v1/forms/{form}/records", {"rows": [{"row": 2, "values": bad}]}),
            (f"/v1/forms/{form}", bad),
        ):
            clerk = province.clerk(unit_of(form, bad))
            answer = province.client.post(f"{province.url(service)}{path}", json=body, headers=clerk)
            assert "refused" in answer.text or answer.status_code == 422
            errors.append(answer.text)
        torn = httpx.post(
            f"{province.url(service)}/v1/forms/{form}",
            content=orjson.dumps(poison.values)[:-5],
            headers={**province.clerk("police:30"), "content-type": "application/json"},
            trust_env=False,
        )
        assert 400 <= torn.status_code < 500
        errors.append(torn.text)
        errors.append(
            httpx.post(f"{province.url(service)}/v1/forms/{form}", json=poison.values, trust_env=False).text
        )
        names += [f"canary-{form}", f"canary-{form}-refused"]
        sender.send(
            sender.record(names[-2], form, [sent.values]),
            sender.record(names[-1], form, [{**sent_refused.values, "sex": "neither"}]),
            poisoned(sender.record(f"canary-{form}-poison", form, [poison.values])),
        )
        found += [accepted, sent, refused, sent_refused, poison]
    for name, (event,) in sender.outcomes(names).items():
        outcome = event["data"]
        assert (outcome["accepted"], outcome["refused_rows"]) == (
            (0, 1) if name.endswith("refused") else (1, 0)
        ), outcome
    wait_for(lambda: all(province.progress(s)["dead_letters"] for s in ("registry", "treatment", "incidents")), 30,
             "poisoned submissions put aside")  # fmt: skip
    province.settled()
    for one in found:
        assert_absent(one, {f"answer {n}": text for n, text in enumerate(errors)})
    return found


def poisoned(record: Record) -> Record:
    """A submission whose seal is damaged; what it held stays sealed."""
    event = orjson.loads(record.value or b"")
    head, _, tail = event["data"]["jwe"].rpartition(".")
    event["data"]["jwe"] = f"{head}.{tail[:-4]}AAAA"
    return Record(record.topic, orjson.dumps(event), record.key, record.headers)


def assert_absent(one: Canary, places: dict[str, str]) -> None:
    """None of the canary's traces stands in any of the places, whatever the case or the escaping."""
    for place, text in places.items():
        for trace in one.traces:
            for spelling in spellings(trace):
                assert spelling not in text.casefold(), f"{one.form}: {trace!r} found in {place}"


def spellings(trace: str) -> Iterator[str]:
    """How a string may look where it should not be: plain, escaped in JSON or URLs, in base64."""
    plain = trace.casefold()
    yield plain
    yield orjson.dumps(plain).decode().strip('"')
    yield plain.encode("ascii", "backslashreplace").decode()
    yield str(httpx.QueryParams({"q": trace})).partition("=")[2].casefold()
    if len(trace) >= 9:
        # Without its borders, which depend on the neighbours, the middle of an encoded string is the same anywhere.
        yield base64.b64encode(trace.encode()).decode()[:-4].casefold()


def test_the_search_itself_finds_what_is_there() -> None:
    one = canary("registry", 7)
    for text in one.values.values():
        if text in one.traces:
            with pytest.raises(AssertionError):
                assert_absent(one, {"somewhere": orjson.dumps({"x": text.upper()}).decode()})


def test_nothing_of_identity_is_on_any_topic(province: Province, planted: list[Canary]) -> None:
    topics = [*TOPICS, *(topic.dlq for topic in TOPICS.values())]
    records = read(province.broker.bootstrap, topics, province.flavour)
    assert len(records) > len(planted)
    places = {}
    for record in records:
        headers = b" ".join(name.encode() + b"=" + (value or b"") for name, value in record.headers)
        whole = b" ".join((record.key or b"", headers, record.value or b""))
        places[f"{record.topic}/{record.partition}@{record.offset}"] = whole.decode(
            "utf-8", "replace"
        ).casefold()
    for one in planted:
        assert_absent(one, {"the log": "\n".join(places.values())})


def test_nothing_of_identity_is_in_logs_or_metrics(province: Province, planted: list[Canary]) -> None:
    places = {f"log of {name}": text.casefold() for name, text in province.logs().items()}
    for part in province.parts.values():
        answer = httpx.get(f"{part.url}/metrics", trust_env=False)
        assert answer.status_code == 200
        places[f"metrics of {part.service}"] = answer.text.casefold()
    for one in planted:
        assert_absent(one, places)


def test_nothing_of_identity_is_in_reportings_database(province: Province, planted: list[Canary]) -> None:
    places = {"reporting's database": dump(province, "reporting").casefold()}
    assert "version" in places["reporting's database"]
    for one in planted:
        assert_absent(one, places)


@pytest.mark.parametrize("service", [name for name in SERVICES if name != "reporting"])
def test_identity_is_unreadable_in_the_databases_of_its_owners(
    province: Province, planted: list[Canary], service: str
) -> None:
    text = dump(province, service)
    # bytea stands in hex in a dump: look at what it would say as text, too.
    plain = "\n".join(
        bytes.fromhex(found).decode("utf-8", "replace")
        for found in re.findall(r"\\\\x((?:[0-9a-f]{2})+)", text)
    )
    places = {f"{service}'s database": text.casefold(), f"bytes in {service}'s database": plain.casefold()}
    for one in planted:
        if one.form == "clinicians" or owner_of(one.form) == service:
            numbers = one.values.get(_NUMBERS.get(one.form, ""), "")
            private = tuple(
                trace for trace in one.traces if trace != numbers and not numbers.casefold().count(trace)
            )
            assert_absent(Canary(one.form, one.values, private), places)
        else:
            assert_absent(one, places)


def test_identity_does_not_reach_dead_letters_of_poisoned_events(
    province: Province, planted: list[Canary]
) -> None:
    good = next(
        r
        for r in read(province.broker.bootstrap, ["treatment.detox"], province.flavour)
        if b'"person"' in (r.value or b"")
    )
    before = province.progress("reporting")["dead_letters"]
    put(province.broker.bootstrap, [Record(good.topic, (good.value or b"")[:-9], good.key, good.headers)])
    wait_for(lambda: province.progress("reporting")["dead_letters"] > before, 30, "poison put aside")
    listed = "".join(str(province.get(service, "/v1/dlq")) for service in SERVICES)
    for one in planted:
        assert_absent(one, {"dead letters": listed.casefold()})


def dump(province: Province, database: str) -> str:
    """All data of a database as text."""
    command = [
        str(program("pg_dump")),
        "--data-only",
        province.postgres.admin_url(database),
    ]
    done = subprocess.run(command, capture_output=True, check=True, timeout=120)
    return done.stdout.decode("utf-8", "replace")


def test_every_form_with_identity_has_a_canary() -> None:
    assert set(_REST) == set(IDENTITY_FORMS)
