"""Translate the English messages of the command line's parser into texts of the catalogue."""

import re
from collections.abc import Sequence
from typing import Any

import typer

from khopso.failure import AnsweredError, Exit, FailureError
from texts import Message, message

# Typer's own name for "wrong use"; it exports the subclass only.
UsageError: type[Exception] = typer.BadParameter.__mro__[1]

_NOISE = "Value error, "
# Message of the parser → text of the catalogue with the same meaning. Other messages are shown unchanged.
_TEXTS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(said, re.DOTALL), code)
    for said, code in (
        (r"Missing argument '(?P<what>.+?)'.*", "usage.missing_argument"),
        (r"Missing option '(?P<what>.+?)'.*", "usage.missing_option"),
        (r"No such option: (?P<what>\S+) \(Possible options: (?P<near>.+)\)", "usage.no_option_but"),
        (r"No such option: (?P<what>\S+)", "usage.no_option"),
        (r"No such command '(?P<what>.*?)'\. Did you mean (?P<near>.+)\?", "usage.no_command_but"),
        (r"No such command '(?P<what>.*?)'.*", "usage.no_command"),
        (r"Got unexpected extra argument\(s\) \((?P<what>.*)\)", "usage.extra"),
        (r"Option '(?P<what>.+?)' requires an argument.*", "usage.needs_value"),
        (r"Option '(?P<what>.+?)' does not take a value.*", "usage.takes_no_value"),
        (r"Invalid value for '(?P<what>.+?)': '(?P<value>.*?)' is not one of (?P<allowed>.+)\.", "usage.not_one_of"),
        (r"Invalid value for '(?P<what>.+?)': Input should be a valid \w+,.*", "usage.not_a_number"),
        (r"Invalid value for '(?P<what>.+?)': Input should be greater than or equal to (?P<limit>.+)", "usage.least"),
        (r"Invalid value for '(?P<what>.+?)': Input should be less than or equal to (?P<limit>.+)", "usage.most"),
        (r"Invalid value for '(?P<what>.+?)': \w+ '(?P<value>.*?)' is a directory\.", "usage.is_folder"),
        (r"Invalid value for '(?P<what>.+?)': \w+ '(?P<value>.*?)' is a file\.", "usage.is_file"),
    )
)  # fmt: skip


def check_given_once(command: Any, arguments: Sequence[str]) -> None:
    """Raise a FailureError (exit 2) for an option given twice; the parser would silently use the last one."""
    rest = list(arguments)
    while True:
        try:
            _, rest, given = command.make_parser(command.context_class(command)).parse_args(rest)
        except UsageError:
            return  # the parser says what is wrong
        for option in given:
            once = option.param_type_name == "option" and not option.is_flag and not option.multiple
            if once and given.count(option) > 1:
                raise FailureError(Exit.WRONG_USE, "option_twice", option=option.opts[0])
        commands = getattr(command, "commands", {})
        if not rest or rest[0] not in commands:
            return
        command, rest = commands[rest[0]], rest[1:]


def wrong_use(usage: Exception) -> AnsweredError:
    """Return what the command line ends with where its parser gave up (exit 2), and where the help is."""
    context = getattr(usage, "ctx", None)
    path = "khopso" if context is None else str(context.command_path)
    if type(usage).__name__ == "NoArgsIsHelpError":
        text = message("usage.nothing_given")
    else:
        text = _in_words(getattr(usage, "format_message", usage.__str__)().replace(_NOISE, ""))
    return AnsweredError(Exit.WRONG_USE, message("usage.wrong", reason=text), "usage", (f"{path} --help",))


def _in_words(said: str) -> Message:
    for pattern, code in _TEXTS:
        if found := pattern.fullmatch(said):
            return message(code, **found.groupdict())
    return Message(said, said)
