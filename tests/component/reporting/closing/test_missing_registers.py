"""Closing a period of which registers are missing: refused, or accepted by name, and sealed with what had come."""

from datetime import date

import pytest

from proof import check_closing, public_key
from services.reporting.closing import sealing
from tests.component.reporting.closing.conftest import Office
from tests.support.callers import bearer
from tests.support.closings import ACCEPTED
from tests.support.reporting import Log, fold, listed


async def test_a_closing_shows_and_seals_which_registers_had_been_handed_in(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given one commune's register of users, and nothing from the others
    log = Log()
    listed(log, "an", "user", date(2023, 2, 1), unit="police:10513")
    await fold(office.platform, log.messages)
    # When the period is closed
    closing = await office.close()
    # Then its official sees the ledger as it was: of one register something had come, of all others nothing
    asked = {"calendar": "civil", "period": "2023"}
    shown = (await office.client.get("/v1/ledger", params=asked, headers=bearer("official"))).json()["forms"]
    assert closing["hand_ins"] == {
        form["form"]: {name: count for name, count in form.items() if name != "form"} for form in shown
    }
    registry = closing["hand_ins"]["registry"]
    assert (registry["received"], registry["missing"]) == (1, registry["expected"] - 1)
    # And what was missing stays said, whatever comes later
    key = public_key((await office.get("/key")).json()["public_key"].encode())
    assert check_closing(closing, key) == []
    assert check_closing(closing | {"hand_ins": {}}, key) != []
    assert (await office.replay(closing))["equal"]
    # And the authority table asks for it: without that guard it is not shown
    monkeypatch.setattr(sealing, "guards_of", lambda *_: frozenset())
    again = await office.close(period="2022")
    assert "hand_ins" not in again


async def test_nothing_is_closed_while_registers_are_missing_and_nobody_accepts_it(office: Office) -> None:
    # Given one commune's register of users, and nothing from the others
    log = Log()
    listed(log, "an", "user", date(2023, 2, 1), unit="police:10513")
    await fold(office.platform, log.messages)
    order = {"calendar": "civil", "period": "2023", "figures": "all"}
    # When the period is closed as if everything were there
    refused = await office.post("", order)
    # Then it is not closed, and the answer lists what is missing and says what to do
    assert (refused.status_code, refused.json()["rule"]) == (409, "closing_unaccepted")
    assert "accept_missing" in refused.json()["message"]["vi"]
    missing = {fault["field"]: fault["value"] for fault in refused.json()["errors"]}
    asked = {"calendar": "civil", "period": "2023"}
    ledger = (await office.client.get("/v1/ledger", params=asked, headers=bearer("official"))).json()["forms"]
    assert missing == {f"registers.{form['form']}": form["missing"] for form in ledger if form["missing"]}
    assert (await office.get()).json()["closings"] == []
    # And with a name and a reason it is
    closing = await office.close()
    assert closing["accepted_missing"] == ACCEPTED
    # And its next edition asks for neither again
    listed(log, "binh", "user", date(2023, 3, 1), unit="police:10513")
    await fold(office.platform, log.messages)
    assert (await office.post(f"/{closing['id']}/editions", {})).status_code == 201


async def test_a_closing_names_who_accepted_that_registers_are_missing(office: Office) -> None:
    log = Log()
    listed(log, "an", "user", date(2023, 2, 1))
    await fold(office.platform, log.messages)
    order = {"calendar": "civil", "period": "2023", "figures": "health"}
    decision = {"name": "Trần Thị Thử", "reason": "xã báo sau"}
    for broken in ({"name": "Trần Thị Thử"}, {"reason": "xã báo sau"}, {**decision, "reason": ""}):
        assert (await office.post("", order | {"accept_missing": broken})).status_code == 422
    closing = (await office.post("", order | {"accept_missing": decision})).json()
    assert closing["accepted_missing"] == decision
    key = public_key((await office.get("/key")).json()["public_key"].encode())
    assert check_closing(closing, key) == []
    assert check_closing(closing | {"accepted_missing": {**decision, "name": "Ai Đó"}}, key) != []
    assert (await office.replay(closing))["equal"]
