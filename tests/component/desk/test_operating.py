"""Operators' pages of a service: how it is, its dead letters masked, retried and given up once; each in the audit."""

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from contracts.backup_note import BackupNote
from reference import warned_after
from services.chassis.kafka import circuit_breaker, dead_letters
from services.chassis.kafka.delivery import Undelivered
from tests.component.desk.conftest import Browser, browser_of, said
from tests.support.registers import Service

NAMED = b'{"specversion": "1.0", "data": {"full_name": "Nguyen Van Kin", "national_id": "030090001234"}}'
CONSUMER = "registry-person-index"
OFFICE = "committee:30"


@pytest.fixture
async def registry(desks: Mapping[str, Service]) -> Service:
    """The registry with one dead letter, and its consumer not stopped."""
    service = desks["registry"]
    now = service.platform.clock()
    async with service.platform.uow() as session:
        await session.execute(text("TRUNCATE dead_letter, consumer_state, position"))
        letter = Undelivered("registry.records", 0, 7, b"k", NAMED, (), now, "unknown-type", "E")
        await dead_letters.put(session, CONSUMER, [(letter, "log-1")], now, 1_000_000)
    return service


@pytest.fixture
def operator(registry: Service) -> Browser:
    return browser_of(registry, OFFICE, "operator")


async def letter_of(registry: Service) -> tuple[str, str]:
    """The address of the letter, and where it stands."""
    ((number, status),) = await registry.query("SELECT id, status FROM dead_letter")
    return f"/registry/operations/letters/{number}", status


async def test_the_page_names_what_is_wrong_and_leads_to_the_letters(
    registry: Service, operator: Browser
) -> None:
    # Given a service without a relay, one letter, and a consumer that stopped
    now = registry.platform.clock()
    async with registry.platform.uow() as session:
        await circuit_breaker.trip(session, CONSUMER, 100, now, "unknown-type")
    # When the operator looks
    page = (await operator.get("/registry/operations/")).text
    # Then each of them is said, and leads on
    address, _ = await letter_of(registry)
    assert "Không có tiến trình nào gửi sự kiện sang Kafka." in said(page)
    assert f"Tiến trình đọc {CONSUMER}: Đã dừng (unknown-type)." in said(page)
    assert "1 thông điệp để riêng chờ xử lý." in said(page)
    assert f'href="{address}"' in page
    assert f'href="/registry/operations/consumers/{CONSUMER}/resume"' in page


async def test_a_letter_is_shown_without_any_value_and_an_administrator_sees_none(
    registry: Service, operator: Browser
) -> None:
    address, _ = await letter_of(registry)
    page = said((await operator.get(address)).text)
    assert "unknown-type" in page
    assert "specversion 1.0" in page
    assert "Kin" not in page
    assert "030090001234" not in page
    administrator = browser_of(registry, OFFICE, "admin")
    own = (await administrator.get("/registry/operations/")).text
    assert address not in own
    assert (await administrator.get(address)).status_code == 403


async def test_a_letter_that_still_fails_stays_and_the_question_says_why(
    registry: Service, operator: Browser
) -> None:
    address, _ = await letter_of(registry)
    answer = await operator.send(f"{address}/retry")
    assert answer.status_code == 409
    assert 'role="alert"' in answer.text
    assert (await letter_of(registry))[1] == "waiting"


async def test_a_letter_is_given_up_after_a_question_once_however_often_it_is_sent(
    registry: Service, operator: Browser
) -> None:
    address, _ = await letter_of(registry)
    # Given the question, which does nothing yet
    question = (await operator.get(f"{address}/discard")).text
    assert "sẽ thiếu trong sổ và số liệu" in said(question)
    assert (await letter_of(registry))[1] == "waiting"
    # When it is confirmed with a double click
    for _ in range(2):
        answer = await operator.send(f"{address}/discard")
        page = said((await operator.follow(answer)).text)
    # Then it is given up, by whom and when, and another operator is told that it is settled
    assert "Đã bỏ, test-operator" in page
    assert (await letter_of(registry))[1] == "discarded"
    await registry.query("UPDATE dead_letter SET settled_by = 'somebody else' RETURNING 1")
    assert (await operator.send(f"{address}/discard")).status_code == 409


async def test_a_stopped_consumer_runs_again_after_a_question(registry: Service, operator: Browser) -> None:
    now, address = registry.platform.clock(), f"/registry/operations/consumers/{CONSUMER}/resume"
    async with registry.platform.uow() as session:
        await circuit_breaker.trip(session, CONSUMER, 100, now, "unknown-type")
    assert "unknown-type" in said((await operator.get(address)).text)
    for _ in range(2):
        assert (await operator.send(address)).status_code == 303
    assert await registry.query("SELECT stopped_at FROM consumer_state") == [(None,)]
    assert (await operator.get(address)).status_code == 404


async def test_what_operators_do_is_in_the_audit(registry: Service, operator: Browser) -> None:
    address, _ = await letter_of(registry)
    begun = await registry.query("SELECT coalesce(max(at), '-infinity') FROM audit")
    await operator.send(f"{address}/retry")
    headers = registry.as_("operator")
    number = address.rpartition("/")[2]
    await registry.client.post(f"/v1/dlq/{number}/discard", headers=headers)
    await registry.client.post("/v1/republish", json={"topics": []}, headers=headers)
    written = await registry.query("SELECT route, role, status FROM audit WHERE at >= :at", at=begun[0][0])
    below = "/operations/letters/{number}/retry"
    assert {tuple(row) for row in written} >= {
        (f"/registry{below}", "operator", 409),
        ("/v1/dlq/{number}/discard", "operator", 200),
        ("/v1/republish", "operator", 200),
    }


async def test_the_status_is_told_while_the_database_is_away_and_to_operators_alone(
    registry: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = registry.as_("operator")
    before = (await registry.client.get("/v1/status", headers=headers)).json()
    assert before["state"]["dead_letters"][0]["letters"] == 1
    assert (await registry.client.get("/v1/status", headers=registry.as_("clerk"))).status_code == 403
    # When the database goes away
    await registry.platform.database.probes.dispose()
    monkeypatch.setattr("services.chassis.http.status.read_state", _away)
    # Then the service says so, and that it is there
    answer = await registry.client.get("/v1/status", headers=headers)
    assert (answer.status_code, answer.json()["state"]) == (200, None)


async def test_a_file_of_certificates_that_cannot_be_read_is_said_to_operators(
    registry: Service, operator: Browser, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    files = {"kafka_ca_file": tmp_path / "gone.pem"}
    monkeypatch.setattr(type(registry.platform.settings), "certificate_files", files)
    told = (await registry.client.get("/v1/status", headers=registry.as_("operator"))).json()
    assert told["certificates"] == [{"setting": "kafka_ca_file", "ends": None, "soon": True, "ended": False}]
    words = said((await operator.get("/registry/operations/")).text)
    assert "Không đọc được tệp chứng thư của kafka_ca_file" in words
    assert str(tmp_path) not in words


async def test_the_last_back_up_is_read_from_its_note_and_is_old_after_the_days_of_the_rule(
    registry: Service, operator: Browser, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    note = tmp_path / "last-backup.json"
    monkeypatch.setitem(registry.platform.settings.__dict__, "backup_note", note)
    limit = warned_after("backup", date(2024, 12, 2))

    async def told() -> Any:
        answer = await registry.client.get("/v1/status", headers=registry.as_("operator"))
        return answer.json()["backup"]

    # Given no note yet, and one that cannot be read
    assert await told() is None
    note.write_text("{")
    assert await told() is None
    assert "không biết bản sao lưu nào" in said((await operator.get("/registry/operations/")).text)
    # When back-ups are noted, a little younger and a little older than the rule allows
    for more, old in ((timedelta(minutes=-5), False), (timedelta(minutes=5), True)):
        made = registry.platform.clock() - limit - more
        written = BackupNote(made_at=made, version="0.4.0", digest="cd" * 32, read_again=False)
        note.write_text(written.model_dump_json())
        # Then the page says so
        assert (await told())["old"] is old
        words = said((await operator.get("/registry/operations/")).text)
        assert "mã cdcdcdcdcdcd; chưa đọc lại để kiểm tra" in words
        assert ("Bản sao lưu gần nhất đã cũ" in words) is old


async def _away(*_: object) -> None:
    raise ConnectionRefusedError("the database is away")
