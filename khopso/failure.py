"""How a command ends when it cannot do its work: a text in both languages and an exit code."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path
from typing import Any

from registerfiles.failure import ContentError
from texts import Message, message


class Exit(IntEnum):
    """The exit codes of every command."""

    DONE = 0
    REFUSED = 1  # some rows refused, or a check failed
    WRONG_USE = 2
    UNREACHABLE = 3


class FailureError(Exception):
    """Ends the command. `rule` names the text in the catalogue; `details` are printed below it."""

    def __init__(self, exit_code: Exit, rule: str, *, details: tuple[str, ...] = (), **parts: object) -> None:
        self.exit_code = exit_code
        self.rule = rule
        self.text: Message = message(rule, **parts)
        self.details = details
        super().__init__(str(self.text))

    def document(self) -> dict[str, Any]:
        """Return the failure as `--json` prints it."""
        return {
            "error": {
                "rule": self.rule,
                "message": {"vi": self.text.vi, "en": self.text.en},
                "details": list(self.details),
                "exit_code": int(self.exit_code),
            }
        }


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn an operating system's refusal to write the file in the block into a FailureError (exit 2)."""
    try:
        yield
    except OSError as refused:
        reason = refused.strerror or type(refused).__name__
        raise FailureError(Exit.WRONG_USE, "target_exists", path=path, reason=reason) from None


class UnusableFileError(FailureError):
    """The file is there, but its content cannot be handed in (exit 1); says what its reader says."""

    def __init__(self, refused: ContentError) -> None:
        Exception.__init__(self, str(refused.text))
        self.exit_code, self.rule, self.text = Exit.REFUSED, refused.rule, refused.text
        self.details = refused.details


class AnsweredError(FailureError):
    """A service answered with a problem document; its texts are passed on. ``status``: the HTTP status."""

    def __init__(
        self, exit_code: Exit, text: Message, rule: str, details: tuple[str, ...], status: int = 0
    ) -> None:
        Exception.__init__(self, str(text))
        self.status = status
        self.exit_code, self.text, self.rule, self.details = exit_code, text, rule, details
