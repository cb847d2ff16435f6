"""Entries of the lists that registers offer: the code first, then what people call it ("11146 – Xã Nguyên Giáp").

The code makes an entry unambiguous, the name makes it readable. Whoever reads a cell takes the code.
"""

import re

_ENTRY = re.compile(r"(?P<code>[A-Za-z0-9][A-Za-z0-9._:/@-]*) [-–—] (?P<name>\S.*)")
_DIGIT = re.compile("[0-9]")


def list_entry(code: str, name: str) -> str:
    """Return the entry of a list; the code alone where no reader could tell the two apart again.

    ``list_entry("TYT-10513", "Trạm Y tế phường Cẩm Thượng")`` is "TYT-10513 – Trạm Y tế phường Cẩm Thượng".
    """
    entry = f"{code} – {name}"
    return entry if split_entry(entry) == (code, name) else code


def split_entry(text: str) -> tuple[str, str]:
    """Return the code and the name of an entry; the text itself and no name where it is none.

    A code has a digit, a name two words and a small letter: "CS – 01" is a code with blanks around its dash.
    """
    found = _ENTRY.fullmatch(text)
    if found is None:
        return text, ""
    code, name = found["code"], found["name"]
    is_entry = _DIGIT.search(code) is not None and " " in name and any(sign.islower() for sign in name)
    return (code, name) if is_entry else (text, "")
