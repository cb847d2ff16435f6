"""Words that stand in registers as people write them: of a row of totals, and of a day."""

import re
import unicodedata

_TOTAL = re.compile(
    r"(tổng|tổng (số|cộng|hợp|toàn tỉnh|toàn huyện)|cộng|cộng (trang|tháng|quý|năm|dồn|chung)|lũy kế|luỹ kế|"
    r"tong|tong (so|cong)|cong|luy ke|total|sum)(\s*[:(.].*|\s+.{0,40})?",
    re.DOTALL,
)

_DAY = re.compile(r"(?:ngày )?([0-9]{1,2}) tháng ([0-9]{1,2}),? năm ([0-9]{4})", re.IGNORECASE)


def day_in_words(text: str) -> tuple[int, int, int] | None:
    """Return year, month and day of "ngày 05 tháng 02 năm 1990"; None for anything else. There may be no such day."""
    found = _DAY.fullmatch(text)
    return None if found is None else (int(found[3]), int(found[2]), int(found[1]))


def reads_as_total(text: str) -> bool:
    """Return whether a cell says that its row is a total: "Tổng cộng", "CỘNG", "Lũy kế năm 2024", "Total".

    Whether the row is one depends on its other cells too: a row with all that a record needs is a record.
    """
    plain = unicodedata.normalize("NFC", " ".join(text.split())).casefold()
    return _TOTAL.fullmatch(plain) is not None
