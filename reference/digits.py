"""Whole numbers in texts from outside.

Python's own tests and parsers take more than 0 to 9: ``"²".isdigit()`` holds and ``int("²")`` fails, ``"２０２３".isdecimal()``
holds and the text then stands in file names and headers. So nothing else in this repository asks a text whether it is a
number; an architecture rule holds that.
"""


def digits_only(text: str) -> bool:
    """Return whether a text is one or more of the digits 0 to 9 and nothing else."""
    return text.isascii() and text.isdigit()


def number_within(text: str, least: int, most: int) -> int | None:
    """Return the whole number that a text is, None where it is none or lies outside (both ends included).

    Example:
        ``number_within("50", 1, 100)`` is 50; ``"0"``, ``"²"``, ``"５０"``, ``"+50"`` and ``" 50"`` give None.
    """
    # Leading zeros are taken, but not without end: int() raises on texts of thousands of digits.
    if not digits_only(text) or len(text) > len(str(most)) + 8:
        return None
    number = int(text)
    return number if least <= number <= most else None
