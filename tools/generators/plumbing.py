"""What lies on topics besides events: the marker that begins a log, and dead letters."""

from typing import Any

from contracts.envelope import CONTENT_TYPE

Document = dict[str, Any]

LOG_STARTED = "khopso.log.started.v1"
DEAD_LETTER = "dead-letter"

# Header → what it says. The message's own headers stand beside them, its bytes and key are as they came.
DEAD_LETTER_HEADERS = {
    "khopso-dlq-topic": "where the message lay",
    "khopso-dlq-partition": "its partition",
    "khopso-dlq-offset": "its offset",
    "khopso-dlq-consumer": "which consumer could not apply it",
    "khopso-dlq-reason": "why, in one word",
    "khopso-dlq-error": "class of the error",
    "khopso-dlq-time": "when it was put aside, RFC 3339",
    "khopso-dlq-key-hex": "its key in hexadecimal, where that is no text",
    "khopso-dlq-body": "only where the body was too large: it is kept in the consumer's database",
}
_ALWAYS = [name for name in DEAD_LETTER_HEADERS if name not in ("khopso-dlq-key-hex", "khopso-dlq-body")]


def log_started() -> Document:
    """Return the marker: first record of every partition; an unknown id there means that the log was lost."""
    return {
        "name": LOG_STARTED,
        "title": LOG_STARTED,
        "summary": (
            "First record of every partition, with a random id. Read past it; another id than before means that "
            "the broker has lost its log, and that everything will be sent again."
        ),
        "contentType": CONTENT_TYPE,
        "tags": [{"name": "public"}],
        "payload": {
            "type": "object",
            "required": ["specversion", "id", "source", "type", "time", "data"],
            "properties": {
                "specversion": {"const": "1.0", "type": "string"},
                "id": {"type": "string", "format": "uuid"},
                "source": {"type": "string", "minLength": 1},
                "type": {"const": LOG_STARTED, "type": "string"},
                "time": {"type": "string", "format": "date-time"},
                "data": {
                    "type": "object",
                    "required": ["topic", "partition"],
                    "properties": {
                        "topic": {"type": "string"},
                        "partition": {"type": "integer", "minimum": 0},
                    },
                },
            },
        },
        "examples": [
            {
                "name": "golden",
                "payload": {
                    "specversion": "1.0",
                    "id": "0189d3a0-0000-7000-8000-000000000109",
                    "source": "treatment",
                    "type": LOG_STARTED,
                    "time": "2023-03-01T00:00:00Z",
                    "data": {"topic": "treatment.doses", "partition": 0},
                },
            }
        ],
    }


def dead_letter() -> Document:
    """Return a message that a consumer could not apply, as it came, with the reasons in its headers."""
    return {
        "name": DEAD_LETTER,
        "title": DEAD_LETTER,
        "summary": "A message that a consumer could not apply: bytes and key as they came, reasons in its headers.",
        "contentType": "application/octet-stream",
        "tags": [{"name": "restricted"}],
        "headers": {
            "type": "object",
            "required": _ALWAYS,
            "properties": {
                name: {"type": "string", "description": meaning}
                for name, meaning in DEAD_LETTER_HEADERS.items()
            },
        },
        "payload": {},
    }
