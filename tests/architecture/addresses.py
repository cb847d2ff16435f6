"""Addresses that belong to somebody's machine or to a package registry, and to no committed text."""

import re
from collections.abc import Mapping

# Written in pieces, so that this file does not name them either.
_HOSTS = (
    ("pypi", "org"),
    ("files", "pythonhosted", "org"),
    ("registry", "npmjs", "org"),
    ("registry", "yarnpkg", "com"),
    ("repo1", "maven", "org"),
    ("repo", "maven", "apache", "org"),
    ("proxy", "golang", "org"),
    ("crates", "io"),
)
_PLACES = (
    "ro" + "ot/",
    "Us" + "ers/",
    "work/" + "main",
    "work/" + "shared",
    "tmp/" + "team",
    "home/(?!khopso)",
)
_FOREIGN = re.compile(
    rf"\b(?:{'|'.join('[.]'.join(host) for host in _HOSTS)})\b"
    + "|"
    + rf"(?<![\w.$}}])/(?:{'|'.join(_PLACES)})\w*"
)


def foreign_addresses(texts: Mapping[str, str]) -> list[str]:
    """Files that name a package registry's host or a path of somebody's machine."""
    return [
        f"{path}:{number}: {found.group()}"
        for path, text in texts.items()
        for number, line in enumerate(text.splitlines(), 1)
        if (found := _FOREIGN.search(line)) is not None
    ]
