"""What operators see of a dead letter: enough to know whose it is and what is wrong with it, and no value of a row.

Senders may have written anything anywhere, also names in clear text. So only values with a fixed form are shown:
CloudEvents' attributes where they have that form; of everything else only the length.
"""

import re
from collections.abc import Iterable

import orjson

# A date, a type, a version, an id of digits and hexadecimal: no name of a person has these forms.
_FORMS = {
    "specversion": re.compile(r"[0-9]\.[0-9]"),
    "type": re.compile(r"[a-z][a-z_]*(\.[a-z][a-z0-9_]*){2,6}"),
    "time": re.compile(
        r"[0-9]{4}-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9](\.[0-9]+)?(Z|[+-][0-9][0-9]:[0-9][0-9])"
    ),
    "recordedtime": re.compile(
        r"[0-9]{4}-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9](\.[0-9]+)?(Z|[+-][0-9][0-9]:[0-9][0-9])"
    ),
    "datacontenttype": re.compile(r"[a-z]+/[a-z+.-]+"),
    "dataschema": re.compile(r"urn:khopso:schema:[a-z0-9_.]+"),
    "id": re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    "subject": re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    "sequence": re.compile(r"[0-9]{1,6}"),
    "traceparent": re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}"),
}
_UNIT = re.compile(r"[a-z]{2,16}:[0-9]{1,6}")
_HEADERS = {
    "content-type": re.compile(r"[a-z]+/[a-z+.-]+(; ?charset=utf-8)?"),
    "traceparent": _FORMS["traceparent"],
}


def masked_key(key: bytes | None) -> str | None:
    """Return the key where it is a unit's code or a record's id; of any other key its length."""
    if key is None:
        return None
    text = _text(key)
    if text is not None and (_UNIT.fullmatch(text) or _FORMS["id"].fullmatch(text)):
        return text
    return _length(len(key))


def masked_value(value: bytes | None) -> dict[str, str]:
    """Return a CloudEvent's attributes that have the expected form; of all others and of the whole, the length."""
    if value is None:
        return {}
    shown = {"": _length(len(value))}
    try:
        document = orjson.loads(value)
    except orjson.JSONDecodeError:
        return shown
    if isinstance(document, dict):
        for name, content in document.items():
            if name in _FORMS and isinstance(content, str):
                shown[name] = content if _FORMS[name].fullmatch(content) else _length(len(content))
        if "data" in document:
            shown["data"] = _length(len(orjson.dumps(document["data"])))
    return shown


def masked_headers(headers: Iterable[tuple[str, bytes | None]]) -> list[tuple[str, str | None]]:
    """Return content type and trace where they have that form; of other headers only the lengths of name and value."""
    found: list[tuple[str, str | None]] = []
    for name, value in headers:
        form, text = _HEADERS.get(name), _text(value)
        if form is not None and text is not None and form.fullmatch(text):
            found.append((name, text))
        else:
            found.append((_length(len(name)), None if value is None else _length(len(value))))
    return found


def _length(extent: int) -> str:
    return f"… ({extent})"


def _text(content: bytes | None) -> str | None:
    try:
        return None if content is None else content.decode()
    except UnicodeDecodeError:
        return None
