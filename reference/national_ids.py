"""Who issues national IDs: the codes of provinces and countries that a 12-digit number begins with."""

from functools import lru_cache

from reference.tables import national_table


@lru_cache(maxsize=1_000)
def issues_national_ids(code: str) -> bool:
    """Return whether a 12-digit number may begin with these three digits (`national-id-issuers.csv`).

    Circular 59/2021/TT-BCA, Art. 3: the province, or the country, in which the birth was registered. The provinces are the
    63 of before 1 July 2025; nobody's number changed when they were merged.
    """
    return any(first <= code <= last for first, last in _issuers())


@lru_cache(maxsize=1)
def _issuers() -> tuple[tuple[str, str], ...]:
    return tuple((row["first"], row["last"]) for row in national_table("national-id-issuers.csv"))
