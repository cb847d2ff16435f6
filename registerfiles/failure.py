"""Why a file or a pasted table cannot be handed in as it is."""

from texts import Message, message


class ContentError(Exception):
    """The content cannot be handed in. ``rule`` names the text in the catalogue; ``details`` are told below it."""

    def __init__(self, rule: str, **parts: object) -> None:
        self.rule = rule
        self.text: Message = message(rule, **parts)
        self.details: tuple[str, ...] = ()
        super().__init__(str(self.text))
