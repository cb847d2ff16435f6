"""Renewal: a rotation of the linkage secret gives persons other keys and links other tokens, in the events as told again.

The live generation folds no more links meanwhile, since it would take each for a second one under another subject; it
answers from those that it has. The next generation is built from events that hold new keys and tokens alone.
"""

import hmac
import secrets
from dataclasses import replace
from uuid import UUID

import orjson

from services.reporting.facts.messages import LinkVersion, reread
from services.reporting.facts.projections.model import Version


class Oblivion:
    """Gives events that no log holds any more other keys and tokens, under a secret that nobody keeps.

    They are carried over from the former generation, which held keys under the former linkage secret. What had one key
    has one key, so ages and links stay what they were.
    """

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(32)

    def __call__(self, event: Version | LinkVersion) -> Version | LinkVersion:
        """Return the event with other keys or tokens; one without is returned as it is."""
        if isinstance(event, LinkVersion):
            return replace(event, record_id=self._id(event.record_id), token=self._id(event.token))
        document = None if event.text is None else orjson.loads(event.text)
        if document is None or "person" not in document:
            return event
        keys = document["person"]["keys"]
        document["person"]["keys"] = {kind: self._digest(key).hex() for kind, key in keys.items()}
        text = orjson.dumps(document).decode()
        return replace(event, text=text, data=reread(event.form, text))

    def _digest(self, text: str) -> bytes:
        return hmac.digest(self._secret, text.encode(), "sha256")

    def _id(self, text: str) -> str:
        return str(UUID(bytes=self._digest(text)[:16], version=4))
