"""Other people's tools that judge what the contracts say: each answers None, or why it refuses."""

import json
import subprocess
from collections.abc import Callable, Sequence
from typing import Any

from cloudevents.core.base import BaseCloudEvent
from cloudevents.core.bindings.kafka import KafkaMessage, from_structured_event
from cloudevents.core.formats.json import JSONFormat
from cloudevents.v1.http import from_json
from jsonschema import Draft202012Validator, FormatChecker

from contracts.envelope import CONTENT_TYPE
from tests.support.system_tools import node, require

Event = dict[str, Any]
Verdict = str | None


def sdk_event(payload: bytes) -> BaseCloudEvent:
    """What the CloudEvents SDK reads from a Kafka message in structured mode."""
    message = KafkaMessage(headers={"content-type": CONTENT_TYPE.encode()}, key=None, value=payload)
    return from_structured_event(message, JSONFormat())


def cloudevents_python(event: Event) -> Verdict:
    """The Python SDK's verdict.

    Its current reader fills in a missing id, time or specversion before it validates, so its older reader, which
    does not, is asked for those as well.
    """
    payload = json.dumps(event).encode()
    for read in (sdk_event, from_json):
        refusal = _refusal(read, payload)
        if refusal is not None:
            return refusal
    return None


def cloudevents_js(events: Sequence[Event]) -> list[Verdict]:
    """The JavaScript SDK's verdicts, one for each event."""
    verdicts: list[Verdict] = json.loads(node("judge_events.mjs", json.dumps(events)))
    return verdicts


def asyncapi(document: str) -> dict[str, Any]:
    """What the official AsyncAPI parser says of a document and understands from it."""
    answer: dict[str, Any] = json.loads(node("judge_asyncapi.mjs", document))
    return answer


def json_schema(schema: dict[str, Any], event: Event) -> Verdict:
    """The verdict of a JSON Schema, formats included."""
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    faults = sorted(error.json_path + ": " + error.message for error in validator.iter_errors(event))
    return "; ".join(faults) or None


def promtool(*arguments: str, given: str = "") -> Verdict:
    """What ``promtool`` says of files, or of a text on its standard input."""
    done = subprocess.run(
        [require("promtool"), *arguments],
        input=given,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    return None if done.returncode == 0 else (done.stdout + done.stderr).strip()


def _refusal(read: Callable[[bytes], Any], payload: bytes) -> Verdict:
    try:
        read(payload)
    except Exception as refused:  # noqa: BLE001  the SDK names no common base of what its readers raise
        return f"{type(refused).__name__}: {refused}"
    return None
