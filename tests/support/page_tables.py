"""What a page shows: its tables by their captions, its headings, its links, its text."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = frozenset({"meta", "link", "input", "br", "hr", "img", "rect", "path", "line", "circle", "polyline"})


@dataclass
class Shown(HTMLParser):
    """A page, read. ``tables``: caption → rows of texts, the head's row left out; ``links``: text → address."""

    tables: dict[str, list[list[str]]] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    inputs: dict[str, str] = field(default_factory=dict)
    text: str = ""
    _open: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    _caption: str = ""
    _said: str = ""

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "input":
            self.inputs[given.get("name") or ""] = given.get("value") or ""
        if tag in _VOID:
            return
        self._open.append((tag, given))
        if tag in ("td", "th", "caption", "a"):
            self._said = ""
        if tag == "tr" and self._caption:
            self.tables.setdefault(self._caption, []).append([])

    def handle_data(self, data: str) -> None:
        self._said += data
        self.text += data

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            return
        opened, given = self._open.pop()
        assert opened == tag, f"{tag} closes {opened}"
        said = " ".join(self._said.split())
        if tag == "caption":
            self._caption = said
        elif tag in ("td", "th") and self._caption:
            self.tables[self._caption][-1].append(said)
        elif tag == "a":
            self.links[said] = given.get("href") or ""
        elif tag == "thead" and self._caption:
            self.tables[self._caption].clear()
        elif tag == "table":
            self._caption = ""


def shown(page: str) -> Shown:
    """Read a page; every element must be closed by its own tag."""
    read = Shown()
    read.feed(page)
    read.close()
    assert not read._open, f"not closed: {read._open}"
    return read
