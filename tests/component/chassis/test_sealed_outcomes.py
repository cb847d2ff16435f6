"""What other units read of an outcome: nothing, where the submission names a key for it."""

from typing import Any

import orjson
import pytest
from joserfc import jwe
from joserfc.jwk import ECKey

from services.chassis.kafka.delivery import Permanent, Undelivered
from tests.component.chassis.test_submissions import FIRE, Desk, desk, document

__all__ = ["desk"]


async def test_an_outcome_is_encrypted_to_the_key_that_the_submission_names(desk: Desk) -> None:
    """All units' software reads the topic: no other unit learns how much of which form a clinic handed in."""
    own = ECKey.generate_key("P-256")
    rows = [FIRE, FIRE | {"incident_no": "C-2", "place": "castle"}]
    await desk.take(await desk.sealed(rows, reply_to=own.as_dict(private=False)))
    (told,) = await desk.outcomes()
    # Beside the unit and its own id nothing is told, not even the form.
    said = {name: value for name, value in told.items() if value not in (0, [], None)}
    assert said == {"unit": "police:30", "submission": "1", "service": "incidents", "jwe": told["jwe"]}
    inside = orjson.loads(jwe.decrypt_compact(told["jwe"], own).plaintext or b"")
    assert (inside["form"], inside["accepted"], inside["refused_rows"]) == ("fires", 1, 1)
    assert [fault["field"] for fault in inside["refused"]] == ["place"]
    # A refusal of the whole is told to the unit alone, too.
    strangers = await desk.sealed([FIRE], "2", token="none", reply_to=own.as_dict(private=False))
    await desk.take(strangers, "2")
    refused = (await desk.outcomes())[-1]
    assert refused.get("error") is None
    assert orjson.loads(jwe.decrypt_compact(refused["jwe"], own).plaintext or b"")["error"].startswith(
        "token"
    )


@pytest.mark.parametrize("beside", [{"use": "sig"}, {"key_ops": ["sign"]}, {"alg": "ES256"}])
async def test_what_stands_beside_the_key_stops_no_submission(desk: Desk, beside: dict[str, Any]) -> None:
    own = ECKey.generate_key("P-256")
    await desk.take(await desk.sealed([FIRE], reply_to=own.as_dict(private=False) | beside))
    (told,) = await desk.outcomes()
    assert orjson.loads(jwe.decrypt_compact(told["jwe"], own).plaintext or b"")["accepted"] == 1


@pytest.mark.parametrize("given", [{}, {"kty": "oct", "k": "AAAA"}, {"kty": "EC", "crv": "P-521"}])
async def test_a_key_that_is_none_is_a_fault_of_the_submission(desk: Desk, given: dict[str, str]) -> None:
    with pytest.raises(Permanent, match="submission-unreadable"):
        await desk.take(await desk.sealed([FIRE], reply_to=given))
    assert await desk.outcomes() == []


async def test_what_is_refused_before_it_is_read_is_told_to_the_unit_alone_too(desk: Desk) -> None:
    # Given a submission that can be opened, names a key, and has no rows
    own = ECKey.generate_key("P-256")
    token = await desk.sealed([], reply_to=own.as_dict(private=False))
    letter = Undelivered(
        "submissions.incidents",
        0,
        0,
        b"k",
        document(token),
        (),
        desk.platform.clock(),
        "submission-unreadable",
        "E",
    )
    # When its sender is answered
    async with desk.platform.uow() as session:
        await desk.submissions.answer(letter, session)
    # Then beside the encryption nothing says what was wrong
    (told,) = await desk.outcomes()
    said = {name: value for name, value in told.items() if value not in (0, [], None)}
    assert said == {"unit": "police:30", "submission": "1", "service": "incidents", "jwe": told["jwe"]}
    inside = orjson.loads(jwe.decrypt_compact(told["jwe"], own).plaintext or b"")
    assert [fault["field"] for fault in inside["refused"]] == ["rows"]


@pytest.mark.parametrize(
    "wrong", [{}, {"token": "none"}, {"id": "another"}, {"form": "none"}, {"rows": []}, {"statements": {}}]
)
async def test_a_text_in_place_of_the_unit_is_not_repeated_in_the_clear(
    desk: Desk, wrong: dict[str, Any]
) -> None:
    # Given a submission in which something stands where the unit's code belongs, whatever else is wrong with it
    token = await desk.sealed([FIRE], unit="Nguyễn Văn Bí Mật", **wrong)
    # When it is taken, or answered because it cannot be
    try:
        await desk.take(token)
    except Permanent:
        letter = Undelivered(
            "submissions.incidents",
            0,
            0,
            b"k",
            document(token),
            (),
            desk.platform.clock(),
            "submission-unreadable",
            "E",
        )
        async with desk.platform.uow() as session:
            await desk.submissions.answer(letter, session)
    # Then the outcome, which all units' software reads, has none of it
    (told,) = await desk.outcomes()
    assert "Bí Mật" not in str(told)
    assert told["unit"] in {"police:30", "unknown", "k"}
