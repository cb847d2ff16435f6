"""The closing desk: what stands against a closing, one closing however often the form is sent, editions, proofs, hashes."""

import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import httpx
import pytest

from deploy.embedded.postgres import PostgresServer
from proof import canonical, check_publication, read_json, references_in
from reference import unit_name
from services.chassis.platform import Platform
from services.chassis.security.auth import Principal
from services.reporting.closing import usecases
from services.reporting.pages.editions import PATH
from tests.component.reporting.closing.conftest import CALLERS, OFFICE_KEY, Office, opened
from tests.support.callers import bearer
from tests.support.page_tables import Shown, shown
from tests.support.reporting import A, Log, fold
from texts import message

DESK = f"/reporting/{PATH}"
ASKED = {"area": "30", "calendar": "civil", "period": "2023", "figures": "fires-conflicts"}
# Given his own, since what one closing test seals is closed for all that follow.
OTHERS = ASKED | {"period": "2022"}
ACCEPT = {"accept_name": "Trần Thị Thử", "accept_reason": "xã báo sau"}
NAMED = {"name": "Nguyễn Văn Thử"}
STALE = {"stale": Principal("committee:30", "30", "official", "s", signed_in_at=1)}


def fires(*days: date) -> Log:
    """A fire in a dwelling on each of the days."""
    log = Log()
    for day in days:
        at = datetime(day.year, day.month, day.day, 3, tzinfo=UTC)
        log.write(
            "fires",
            f"fire {day}",
            commune=A["commune"],
            alarm_at=at,
            place="dwelling",
            damage_vnd=0,
            counts_as_case=True,
        )
    return log


@pytest.fixture(scope="module")
async def office(server: PostgresServer) -> AsyncIterator[Office]:
    """Two fires of 2023 and one of 2022."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(CALLERS, "stale", STALE["stale"])
        async with opened(server, signing_key=OFFICE_KEY) as made:
            days = (date(2023, 2, 3), date(2023, 5, 6), date(2022, 7, 8))
            await fold(made.platform, fires(*days).messages)
            yield made


async def look(office: Office, path: str = DESK, who: str = "official", **given: str) -> Shown:
    answer = await get(office, path, who, **given)
    assert answer.status_code == 200, answer.text
    return shown(answer.text)


async def get(office: Office, path: str, who: str = "official", **given: str) -> httpx.Response:
    headers = bearer(who, Accept="text/html", **{"Accept-Language": "vi"})
    return await office.client.get(path, params=given or None, headers=headers)


async def send(
    office: Office, path: str, form: dict[str, str], who: str = "official", **more: Any
) -> httpx.Response:
    headers = bearer(who, Accept="text/html", **{"Accept-Language": "vi"})
    return await office.client.post(f"{DESK}/{path}", data=form, headers=headers, **more)


async def closed(office: Office, asked: dict[str, str]) -> str:
    """The address of the closing of what is asked, made now where it is not there yet."""
    answer = await send(office, "close", asked | NAMED | ACCEPT)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].partition("?")[0]


async def test_the_desk_says_what_is_missing_and_closes_nothing_without_somebody_who_accepts_it(
    office: Office,
) -> None:
    # Given registers of which nothing has come
    page = await look(office, **OTHERS)
    late = page.tables[message("page.closing.late").vi]
    assert sum(int(row[1]) for row in late) > 0
    before = len((await office.get()).json()["closings"])
    # When it is closed without a word about them, with half a word, or without a name
    missing = await send(office, "close", OTHERS | NAMED)
    half = await send(office, "close", OTHERS | NAMED | {"accept_name": ACCEPT["accept_name"]})
    nameless = await send(office, "close", OTHERS | ACCEPT)
    # Then it is refused where it is missing, what was typed is kept, and nothing is closed
    assert (missing.status_code, half.status_code, nameless.status_code) == (409, 422, 422)
    again = shown(missing.text)
    assert again.inputs["name"] == NAMED["name"]
    assert again.links[message("page.closing.unaccepted").vi] == "#accept_name"
    assert shown(half.text).links[message("page.closing.accept_reason_needed").vi] == "#accept_reason"
    assert shown(nameless.text).links[message("page.closing.name_needed").vi] == "#name"
    assert len((await office.get()).json()["closings"]) == before


async def test_a_preview_holds_what_the_closing_holds_then(office: Office) -> None:
    preview = await look(office, f"{DESK}/preview", **ASKED)
    totals = preview.tables[message("page.closing.totals").vi]
    page = await look(office, await closed(office, ASKED))
    assert page.tables[message("page.closing.totals").vi] == totals
    # And it has its report as a file, with the hash
    listed = (await office.get()).json()["closings"][0]
    report = await get(office, page.links[message("page.closing.report", format="csv").vi])
    assert report.status_code == 200
    assert listed["content_hash"] in report.text
    assert len(totals) > 5


async def test_a_form_that_is_sent_twice_closes_once_and_leads_to_the_same_closing(office: Office) -> None:
    first, second = await closed(office, ASKED), await closed(office, ASKED)
    assert first == second
    listed = [one for one in (await office.get()).json()["closings"] if one["period"] == "2023"]
    assert [one["official"]["name"] for one in listed] == [NAMED["name"]]
    # And the desk shows it in place of the form; somebody else is told that it is closed already
    page = await look(office, **ASKED)
    assert page.tables[message("page.closing.editions").vi][0][2] == NAMED["name"]
    assert "name" not in page.inputs
    # And who comes back to the form and sends other words, or is somebody else, is told so
    other = await send(office, "close", ASKED | NAMED | ACCEPT | {"note": "thêm một vụ"})
    assert other.status_code == 409
    assert message("page.closing.exists").vi in other.text
    assert (await send(office, "close", ASKED | NAMED | ACCEPT, "successor")).status_code in (403, 409)


async def test_without_a_fresh_sign_in_nothing_is_sealed_or_published(office: Office) -> None:
    address = (await closed(office, ASKED)).rpartition("/")[2]
    for path in ("close", f"{address}/editions", f"{address}/publications"):
        answer = await send(office, path, ASKED | NAMED, "stale")
        assert answer.status_code == 401, path
        assert "insufficient_user_authentication" in answer.headers["www-authenticate"]
    # And the pages say so before
    page = await get(office, DESK, "stale", **OTHERS)
    assert message("page.closing.sign_in_again").vi in page.text


async def test_a_new_edition_needs_a_reason_and_a_change_and_stands_beside_the_one_before(
    office: Office,
) -> None:
    address = await closed(office, ASKED)
    number = address.rpartition("/")[2]
    # Nothing has changed, and without a reason nothing is closed again
    assert (await send(office, f"{number}/editions", NAMED)).status_code == 422
    same = await send(office, f"{number}/editions", NAMED | {"note": "đối chiếu"})
    assert same.status_code == 409
    assert message("closing_unrevised").vi in same.text
    # When a third fire becomes known, then the page of changes says what is another number by now
    await fold(office.platform, fires(date(2023, 8, 9)).messages)
    changed = (await look(office, f"{address}/changes")).tables[message("page.closing.changes").vi]
    assert ["2", "3"] in [row[1:3] for row in changed]
    # And a new edition holds it, once, however often the form is sent
    form = NAMED | {"note": "vụ báo muộn"}
    first, second = [await send(office, f"{number}/editions", form) for _ in range(2)]
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["location"] == second.headers["location"]
    later = first.headers["location"].partition("?")[0]
    both = await look(office, f"{later}/compare", other=number)
    rows = both.tables[message("page.closing.compare").vi]
    assert [row[:3] for row in rows] == [row[:3] for row in changed]


async def test_a_published_file_gets_a_proof_that_holds_it_to_every_byte(office: Office) -> None:
    number = (await closed(office, ASKED)).rpartition("/")[2]
    content = b"a report"
    files = {"file": ("bao-cao.pdf", content, "application/pdf")}
    answer = await send(office, f"{number}/publications", {}, files=files)
    assert answer.status_code == 200, answer.text
    proof = read_json(answer.content)
    assert (proof["file"], proof["sha256"]) == ("bao-cao.pdf", hashlib.sha256(content).hexdigest())
    assert check_publication(proof, content, None) == []
    assert check_publication(proof, content + b"!", None)
    # Without a file the page says so at its field
    none = await send(office, f"{number}/publications", {})
    assert none.status_code == 422
    assert shown(none.text).links[message("page.closing.file_needed").vi] == "#file"


async def test_a_printed_hash_is_found_as_it_is_printed_and_another_is_not(office: Office) -> None:
    await closed(office, ASKED)
    printed = next(
        one["content_hash"] for one in (await office.get()).json()["closings"] if one["period"] == "2023"
    )
    spaced = " ".join((printed[:8].upper(), printed[8:16]))
    found = await look(office, f"{DESK}/verify", "analyst", hash=spaced)
    assert message("page.closing.hash_known").vi in found.text
    assert printed in [row[4] for row in found.tables[message("page.closing.editions").vi]]
    other = await look(office, f"{DESK}/verify", "analyst", hash="0" * 16)
    assert message("page.closing.hash_unknown").vi in other.text
    assert (await get(office, f"{DESK}/verify", hash="not a hash")).status_code == 422


async def hand_over(office: Office, file: bytes, proof: bytes | None = None, who: str = "analyst") -> Shown:
    """The page after these files were chosen, by somebody who opens no closing unless said otherwise."""
    given = {"file": ("file", file)} | ({} if proof is None else {"proof": ("proof", proof)})
    answer = await send(office, "verify", {}, who, files=given)
    assert answer.status_code == 200, answer.text
    return shown(answer.text)


async def test_an_exported_closing_is_the_one_that_was_sealed_or_the_page_says_which_numbers_differ(
    office: Office,
) -> None:
    number = (await closed(office, ASKED)).rpartition("/")[2]
    exported = (await get(office, f"{DESK}/{number}/document.json")).content
    # Given the file as it was exported
    page = await hand_over(office, exported)
    assert message("page.closing.file.closing").vi in page.text
    assert read_json(exported)["content_hash"] in [
        row[4] for row in page.tables[message("page.closing.editions").vi]
    ]
    # When one of its numbers is another
    changed = read_json(exported)
    cell = next(one for one in changed["cells"] if one["value"] == 2)
    cell["value"] = 9
    page = await hand_over(office, canonical(changed), who="official")
    # Then that is said, with the number
    assert message("page.closing.file.differs").vi in page.text
    assert message("closing_content_changed", closing=number).vi in page.text
    rows = page.tables[message("page.closing.file.numbers").vi]
    assert [row[1:] for row in rows if cell["figure"] in row[0]] == [["2", "9"]]
    # And whoever may not open the closing is told that it is another, and no number of it
    other = await hand_over(office, canonical(changed))
    assert message("closing_content_changed", closing=number).vi in other.text
    assert message("page.closing.file.numbers").vi not in other.tables
    # And the same content in other bytes is not the file, and one that names no closing of ours is not ours
    assert message("closing_not_canonical").vi in (await hand_over(office, exported + b"\n")).text
    stranger = canonical(read_json(exported) | {"id": str(UUID(int=7))})
    assert message("page.closing.file.differs").vi in (await hand_over(office, stranger)).text


async def test_a_published_file_is_held_to_the_proof_that_the_office_signed(office: Office) -> None:
    number = (await closed(office, ASKED)).rpartition("/")[2]
    content = b"%PDF-1.7 a report"
    sent = {"file": ("bao-cao.pdf", content, "application/pdf")}
    proof = (await send(office, f"{number}/publications", {}, files=sent)).content
    # Given the file and its proof
    page = await hand_over(office, content, proof)
    assert message("page.closing.file.published").vi in page.text
    assert message("page.closing.editions").vi in page.tables
    # Then another file is not that one, nor is a proof that somebody changed
    other = await hand_over(office, content + b"!", proof)
    assert message("closing_published_file_changed", file="bao-cao.pdf").vi in other.text
    forged = canonical(read_json(proof) | {"sha256": hashlib.sha256(content + b"!").hexdigest()})
    for file, said in ((content + b"!", forged), (content, b"{}")):
        page = await hand_over(office, file, said)
        assert message("page.closing.file.differs").vi in page.text
        assert message("page.closing.file.published").vi not in page.text
    # And without its proof nothing is known of a file, whatever it is: the page says what is missing
    for file in (content, b"[" * 100_000):
        page = await hand_over(office, file)
        assert message("page.closing.file.unproved").vi in page.text
        assert message("page.closing.proof.missing", proof="file.proof.json").vi in page.text
        assert message("page.closing.proof.from_publisher").vi in page.text
    # And the proof alone says of itself that it is genuine, and of no file that it is the published one
    alone = await hand_over(office, proof)
    assert message("page.closing.file.proof").vi in alone.text
    assert message("page.closing.file.published").vi not in alone.text
    # And a form without a file is sent back to its field
    none = await send(office, "verify", {})
    assert none.status_code == 422
    assert shown(none.text).links[message("page.closing.file_needed").vi] == "#file"


async def test_a_report_without_its_proof_names_its_closing_and_whom_to_ask_for_the_proof(
    office: Office,
) -> None:
    number = (await closed(office, ASKED)).rpartition("/")[2]
    # Given the report of a closing, as anybody may have been sent it
    report = await office.client.get(
        "/v1/reports/fires-conflicts.csv", params={"closing": number}, headers=bearer("official")
    )
    assert report.status_code == 200, report.text
    # When it is chosen without its proof
    page = await hand_over(office, report.content)
    # Then the page does not know whether it was changed, and says what is missing and who has it
    assert message("page.closing.file.unproved").vi in page.text
    assert message("page.closing.proof.from_office", unit=unit_name("committee:30")).vi in page.text
    assert message("page.closing.editions").vi in page.tables
    assert message("page.closing.file.differs").vi not in page.text
    # And a report whose reference to the closing was changed is told as such
    (reference,) = {canonical(one) for one in references_in(report.content)}
    forged = report.content.replace(number.encode(), str(UUID(int=7)).encode())
    assert canonical(references_in(forged)[0]) != reference
    page = await hand_over(office, forged)
    assert message("page.closing.file.differs").vi in page.text
    assert message("closing_signature_wrong", number=1, key="office-1").vi in page.text


async def test_an_office_without_a_key_is_told_so_before_it_types(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = office.platform.settings.model_copy(update={"signing_key": None})
    monkeypatch.setattr(office.platform.__class__, "settings", settings)
    page = await look(office, **OTHERS)
    assert message("closing_no_key").vi in page.text
    assert "name" not in page.inputs


async def test_serious_findings_say_how_many_lines_nobody_has_marked(office: Office) -> None:
    page = await look(office, **OTHERS)
    rows = {row[0]: row[2:] for row in page.tables[message("page.closing.inconsistent").vi]}
    found, unmarked = rows[message("check.units.no_register").vi]
    assert int(found) > 100
    assert unmarked == found
    assert (await get(office, page.links[message("check.units.no_register").vi])).status_code == 200
    # When its party marks one of them, there is one fewer
    rule, asked = "/v1/checks/units.no_register", {"area": "30", "calendar": "civil", "period": "2022"}
    stated = bearer("police", **{"Khopso-Purpose": "reconciliation"})
    line = (await office.client.get(rule, params=asked, headers=stated)).json()["findings"][0]["subject"]
    body = {"line": line, "mark": "assigned", "to_unit": "police:30"}
    answer = await office.client.post(f"{rule}/marks", params=asked, json=body, headers=stated)
    assert answer.status_code == 200, answer.text
    later = (await look(office, **OTHERS)).tables[message("page.closing.inconsistent").vi]
    assert [row[3] for row in later if row[0] == message("check.units.no_register").vi] == [
        str(int(found) - 1)
    ]


async def test_pages_of_figures_lead_to_the_edition_and_read_the_closings_once(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await closed(office, ASKED)
    latest = next(one for one in (await office.get()).json()["closings"] if one["period"] == "2023")
    address, said = f"{DESK}/{latest['id']}", message("page.headline.closed", edition=latest["edition"]).vi
    read = []
    listed = usecases.listed

    async def counted(platform: Platform) -> list[dict[str, Any]]:
        read.append(platform)
        return await listed(platform)

    monkeypatch.setattr(usecases, "listed", counted)
    # Given no period, the pages begin with the one that was closed last
    headline = await look(office, "/reporting/", area="30")
    assert (headline.links[said], len(read)) == (address, 1)
    figure = await look(office, "/reporting/figures/fires.cases", area="30")
    assert said in figure.text
    assert (address in figure.links.values(), len(read)) == (True, 2)
    # And whoever may not see all of an edition is told that the period is closed, and led nowhere
    page = await look(office, "/reporting/figures/fires.cases", "analyst", area="30")
    assert said in page.text
    assert address not in page.links.values()


@pytest.mark.parametrize(
    ("path", "who", "given", "status"),
    [
        (DESK, "analyst", OTHERS, 403),
        (DESK, "district", OTHERS, 403),
        (f"{DESK}/preview", "police", OTHERS, 403),
        (f"{DESK}/preview", "clerk", OTHERS, 403),
        (f"{DESK}/preview", "official", OTHERS | {"figures": "none"}, 422),
        (f"{DESK}/00000000-0000-7000-8000-000000000000", "official", {}, 404),
    ],
)
async def test_what_may_not_be_asked_is_refused_as_a_page(
    office: Office, path: str, who: str, given: dict[str, str], status: int
) -> None:
    answer = await get(office, path, who, **given)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("who", ["clerk", "analyst", "police", "health", "admin"])
async def test_nobody_else_closes_a_period_of_everybodys_calendar(office: Office, who: str) -> None:
    assert (await send(office, "close", OTHERS | NAMED | ACCEPT, who)).status_code == 403
    address = (await closed(office, ASKED)).rpartition("/")[2]
    for what in ("editions", "publications"):
        assert (await send(office, f"{address}/{what}", NAMED | {"note": "x"}, who)).status_code == 403
    # And whoever may only read it is offered neither
    if who == "clerk":
        page = await look(office, f"{DESK}/{address}", who)
        assert not {"name", "file"} & page.inputs.keys()
