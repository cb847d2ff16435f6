"""The page of all services: it comes while one is away, names that one, and tells nothing to whom services refuse."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from services.chassis.http import BackupStatus, CertificateStatus, ServiceStatus
from services.chassis.kafka import ConsumerWork, OutboxState, ServiceState, WaitingLetters
from services.gateway.settings import SERVICES
from tests.component.desk.conftest import said
from tests.support.browser import Browser, World

NOW = datetime(2024, 6, 1, 3, tzinfo=UTC)
WELL = ServiceState(
    at=NOW,
    outbox=OutboxState(unsent=0, oldest=None, relay=True),
    consumers=[ConsumerWork(consumer="c", working="going_on", what="", behind=0, seen_at=NOW)],
    applied_until=NOW - timedelta(seconds=2),
    dead_letters=[],
)
ILL = WELL.model_copy(
    update={
        "outbox": OutboxState(unsent=12, oldest=NOW - timedelta(hours=2), relay=False),
        "consumers": [ConsumerWork(consumer="c", working="silent", what="", behind=40, seen_at=None)],
        "applied_until": None,
        "dead_letters": [WaitingLetters(reason="bad-json", letters=3, since=NOW)],
    }
)


BACKED_UP = BackupStatus(made_at=NOW, version="0.4.0", digest="ab12" * 16, read_again=True, old=False)


def told(service: str, state: ServiceState | None, backup: BackupStatus | None = BACKED_UP) -> httpx.Response:
    """What a service answers."""
    status = ServiceStatus(service=service, waiting_for=[], degraded=[], state=state, backup=backup)
    return httpx.Response(200, text=status.model_dump_json())


@pytest.fixture
async def operator(world: World) -> Browser:
    browser = world.browser()
    await browser.sign_in("operator.committee")
    return browser


async def test_all_services_are_asked_as_the_person_who_signed_in(world: World, operator: Browser) -> None:
    world.services = lambda request: told(request.url.host.split(".")[0], WELL)
    world.asked.clear()
    page = await operator.get("/operations/")
    assert page.status_code == 200
    assert {request.url.host.split(".")[0] for request in world.asked} == set(SERVICES)
    assert {request.url.path for request in world.asked} == {"/v1/status"}
    assert all(request.headers["authorization"].startswith("Bearer ") for request in world.asked)
    assert "Mọi dịch vụ đều hoạt động" in said(page.text)
    assert 'href="/treatment/operations/"' in page.text


async def test_the_page_comes_while_one_is_away_and_says_what_is_wrong_with_another(
    world: World, operator: Browser
) -> None:
    # Given reporting away, the database of incidents away, and treatment in trouble
    def services(request: httpx.Request) -> httpx.Response:
        name = request.url.host.split(".")[0]
        if name == "reporting":
            raise httpx.ConnectError("away")
        return told(name, {"treatment": ILL, "incidents": None}.get(name, WELL))

    world.services = services
    # When an operator looks
    page = (await operator.get("/operations/")).text
    # Then each is named with what is wrong, and the well one is shown
    words = said(page)
    assert "reporting không trả lời: chưa biết gì về dịch vụ này." in words
    assert "incidents: Không tới được cơ sở dữ liệu" in words
    assert "treatment: Có sự kiện chờ gửi đã 2 giờ." in words
    assert "treatment: Tiến trình đọc c: Không trả lời." in words
    assert "treatment: 3 thông điệp để riêng chờ xử lý." in words
    assert 'href="/registry/operations/"' in page
    assert 'href="/reporting/operations/"' not in page


async def test_certificates_that_end_soon_are_said_with_their_day(world: World, operator: Browser) -> None:
    # Given services whose broker is known by a certificate that ends soon, by a file that is gone, and by one that ended
    def services(request: httpx.Request) -> httpx.Response:
        name = request.url.host.split(".")[0]
        days = {"registry": 9, "reporting": -1}.get(name, 90)
        ends = None if name == "treatment" else NOW + timedelta(days=days)
        ended = name == "reporting"
        file = CertificateStatus(setting="kafka_ca_file", ends=ends, soon=name != "incidents", ended=ended)
        status = ServiceStatus(service=name, waiting_for=[], degraded=[], state=WELL, certificates=[file])
        return httpx.Response(200, text=status.model_dump_json())

    world.services = services
    words = said((await operator.get("/operations/")).text)
    assert "registry: Chứng thư trong tệp của kafka_ca_file sắp hết hạn: 10/06/2024" in words
    assert "treatment: Không đọc được tệp chứng thư của kafka_ca_file" in words
    assert "reporting: Chứng thư trong tệp của kafka_ca_file đã hết hạn ngày 31/05/2024" in words
    assert "incidents: Chứng thư" not in words


@pytest.mark.parametrize("old", [False, True])
async def test_the_newest_back_up_that_a_service_knows_of_is_shown_and_said_where_it_is_old(
    world: World, operator: Browser, old: bool
) -> None:
    # Given a service that knows of a back-up, one that knows of a later one, and two that know of none
    def services(request: httpx.Request) -> httpx.Response:
        name = request.url.host.split(".")[0]
        made = {"registry": NOW - timedelta(days=9), "treatment": NOW - timedelta(days=3)}.get(name)
        known = made and BackupStatus(
            made_at=made, version="0.4.0", digest="ab12" * 16, read_again=True, old=old
        )
        status = ServiceStatus(service=name, waiting_for=[], degraded=[], state=WELL, backup=known)
        return httpx.Response(200, text=status.model_dump_json())

    world.services = services
    words = said((await operator.get("/operations/")).text)
    assert "Sao lưu gần nhất 29/05/2024 10:00" in words
    assert "bản 0.4.0, mã ab12ab12ab12; đã đọc lại, đủ và đúng" in words
    assert words.count("Bản sao lưu gần nhất đã cũ: 29/05/2024 10:00") == old
    # And where none is known, that is said, and is a trouble of its own
    world.services = lambda request: told(request.url.host.split(".")[0], WELL, None)
    words = said((await operator.get("/operations/")).text)
    assert "Sao lưu gần nhất không biết bản sao lưu nào" in words
    assert "Chưa biết có bản sao lưu nào" in words
    assert "Mọi dịch vụ đều hoạt động" not in words


async def test_whom_the_services_refuse_is_refused_and_home_leads_operators_alone(
    world: World, operator: Browser
) -> None:
    refusal = '{"status": 403, "message": {"vi": "Không có quyền", "en": "No right"}, "errors": [], "correlationid": ""}'
    world.services = lambda _: httpx.Response(
        403, text=refusal, headers={"content-type": "application/problem+json"}
    )
    page = await operator.get("/operations/")
    assert (page.status_code, "Không có quyền" in said(page.text)) == (403, True)
    assert 'href="/operations/"' in (await operator.get("/")).text
    clerk = world.browser()
    await clerk.sign_in("clerk.commune_police")
    assert 'href="/operations/"' not in (await clerk.get("/")).text
    assert (await world.browser().get("/operations/")).status_code == 401
