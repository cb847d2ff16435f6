"""Wrong use of a command in words: what the parser says in English is said in Vietnamese first."""

import re

from contracts.messages import Message
from khopso.failure import AnsweredError, Exit

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
