"""Wrong use of a command in words: what the parser says in English is said in Vietnamese first."""

import re
from collections.abc import Sequence
from typing import Any

import typer

from khopso.failure import AnsweredError, Exit, FailureError
from texts import Message

# Typer's own name for "wrong use"; it exports the subclass only.
UsageError: type[Exception] = typer.BadParameter.__mro__[1]

_NOISE = "Value error, "
# What the parser says → the same in Vietnamese. What is not here is passed on as it is.
_VIETNAMESE: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(said, re.DOTALL), vi)
    for said, vi in (
        (r"Missing argument '(.+?)'.*", r"thiếu \1"),
        (r"Missing option '(.+?)'.*", r"thiếu tùy chọn \1"),
        (r"No such option: (\S+) \(Possible options: (.+)\)", r"không có tùy chọn \1; gần giống: \2"),
        (r"No such option: (\S+)", r"không có tùy chọn \1"),
        (r"No such command '(.*?)'\. Did you mean (.+)\?", r"không có lệnh “\1”; gần giống: \2"),
        (r"No such command '(.*?)'.*", r"không có lệnh “\1”"),
        (r"Got unexpected extra argument\(s\) \((.*)\)", r"thừa tham số: \1"),
        (r"Option '(.+?)' requires an argument.*", r"tùy chọn \1 cần một giá trị"),
        (r"Option '(.+?)' does not take a value.*", r"tùy chọn \1 không nhận giá trị"),
        (r"Invalid value for '(.+?)': '(.*?)' is not one of (.+)\.", r"\1 không nhận “\2”, chỉ nhận \3"),
        (r"Invalid value for '(.+?)': Input should be a valid \w+,.*", r"\1 phải là một số"),
        (r"Invalid value for '(.+?)': Input should be greater than or equal to (.+)", r"\1 phải từ \2 trở lên"),
        (r"Invalid value for '(.+?)': Input should be less than or equal to (.+)", r"\1 nhiều nhất là \2"),
        (r"Invalid value for '(.+?)': \w+ '(.*?)' is a directory\.", r"\1: “\2” là thư mục, cần một tệp"),
        (r"Invalid value for '(.+?)': \w+ '(.*?)' is a file\.", r"\1: “\2” là tệp, cần một thư mục"),
    )
)  # fmt: skip


def check_given_once(command: Any, arguments: Sequence[str]) -> None:
    """FailureError (exit 2) for an option given twice, of which the parser would take the last without a word."""
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
    """What the command line ends with where its parser gave up (exit 2), and where the help is."""
    context = getattr(usage, "ctx", None)
    path = "khopso" if context is None else str(context.command_path)
    if type(usage).__name__ == "NoArgsIsHelpError":
        text = Message("thiếu lệnh con hoặc tùy chọn", "a subcommand or options are missing")
    else:
        said = getattr(usage, "format_message", usage.__str__)().replace(_NOISE, "")
        text = Message(_in_vietnamese(said), said)
    shown = Message(f"Dùng sai lệnh: {text.vi}", f"Wrong use: {text.en}")
    return AnsweredError(Exit.WRONG_USE, shown, "usage", (f"{path} --help",))


def _in_vietnamese(said: str) -> str:
    for pattern, vi in _VIETNAMESE:
        if found := pattern.fullmatch(said):
            return found.expand(vi)
    return said
