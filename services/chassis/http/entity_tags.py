"""Entity tags: whether a caller has the answer already (RFC 9110, If-None-Match)."""


def has_it(if_none_match: str | None, tag: str) -> bool:
    """Return whether the header names the answer's tag; weak comparison ignores ``W/``, and ``*`` is any tag."""
    if if_none_match is None:
        return False
    named = {part.strip().removeprefix("W/") for part in if_none_match.split(",")}
    return "*" in named or tag.removeprefix("W/") in named
