"""One row, from the unit that hands it in to the printed report: registry, log, fold, figure, closing, docx."""

from collections.abc import Callable
from io import BytesIO

from docx import Document

from contracts.catalogue import EVENT_TYPES
from contracts.envelope import wire
from proof import check_closing, public_key
from reference import issuing_office, province, sample_communes
from services.chassis.kafka.delivery import Delivered, receive
from services.registry.app import compose as registry
from tests.component.any_province.conftest import NOW, Office
from tests.support.callers import bearer
from tests.support.clock import FixedClock
from tests.support.closings import ACCEPTED
from tests.support.registers import running
from tests.support.reporting import fold

ADDICTS = "registry.addicts_with_file"


async def test_a_row_is_handed_in_counted_closed_and_printed_as_the_province_prints(
    office: Office, new_database: Callable[[str], str]
) -> None:
    of, commune = province(), sample_communes()[0]
    row = {
        "record_no": "TN-1",
        "full_name": "Nguyễn Văn Thử",
        "birth_date": "05/03/1990",
        "sex": "Nam",
        "commune_code": commune.code,
        "status": "addict",
        "status_from": "01/02/2023",
        "recorded_on": "01/02/2023",
    }
    async with running("registry", registry, new_database("registry"), FixedClock(NOW)) as service:
        taken = await service.post_row(
            "registry", row, role="clerk", unit=f"police:{commune.code}", area=commune.code
        )
        assert taken.status_code == 201, taken.text
        events = await service.events()
    messages = [
        receive(EVENT_TYPES[event.type].topic, 0, number, None, wire(event), [], 0)
        for number, event in enumerate(events)
    ]
    await fold(office.platform, [message for message in messages if isinstance(message, Delivered)])

    headers = bearer("committee")
    asked = {"as_of": "2023-12-31", "by": "commune"}
    figure = (await office.client.get(f"/v1/figures/{ADDICTS}", params=asked, headers=headers)).json()
    assert (figure["area"], figure["value"]) == (of.code, 1)
    assert {row["commune"]: row["value"] for row in figure["rows"]}[commune.code] == 1

    order = {"calendar": "civil", "period": "2023", "figures": "annual", "accept_missing": ACCEPTED}
    closing = (await office.client.post("/v1/closings", json=order, headers=headers)).json()
    assert (closing["area_uid"], closing["official"]["unit"]) == (of.area_uid, of.committee_unit)
    (cell,) = [one for one in closing["cells"] if one["figure"] == ADDICTS and one["row"] is None]
    assert cell["value"] == 1
    key = (await office.client.get("/v1/closings/key", headers=headers)).json()["public_key"]
    assert check_closing(closing, public_key(key.encode())) == []

    printed = await office.client.get(
        "/v1/reports/annual.docx", params={"closing": closing["id"]}, headers=headers
    )
    assert printed.status_code == 200, printed.text
    text = _text(printed.content)
    head = issuing_office("committee", "province", NOW.date())
    assert head is not None
    for line in (of.vi.upper(), *head.body, head.symbol, head.signed_for, *head.signatory):
        assert line in text, line
    place = head.place.format(place=of.vi.partition(" ")[2])
    assert f"{place}, ngày" in text


def _text(content: bytes) -> str:
    """All that a document says, tables included."""
    document = Document(BytesIO(content))
    cells = (cell.text for table in document.tables for row in table.rows for cell in row.cells)
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])
