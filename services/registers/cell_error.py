"""Why a cell cannot be read."""


class CellError(Exception):
    """The cell cannot be read. ``rule`` names the entry of the message catalogue, ``parts`` fill its text."""

    def __init__(self, rule: str, **parts: object) -> None:
        super().__init__(rule)
        self.rule = rule
        self.parts = parts
