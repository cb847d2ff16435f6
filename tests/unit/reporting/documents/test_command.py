"""`khopso report`: what is wrong is said before anything is asked of the service."""

from pathlib import Path

import pytest

from khopso.cli import run
from khopso.failure import Exit


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["annual", "--year", "2023"], "--out"),
        (["annual", "--year", "2023", "--out", "a.odt"], ".odt"),
        (["annual", "--year", "2023", "--out", "a"], "∅"),
        (["annual", "--year", "2023", "--known-at", "31/31/2023", "--out", "a.pdf"], "31/31/2023"),
        (["annual", "--year", "2023", "--geography", "soon", "--out", "a.pdf"], "soon"),
    ],
)
def test_wrong_use_ends_with_exit_code_2_and_names_what_is_wrong(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(["report", *arguments, "--data-dir", str(tmp_path)])
    assert code == Exit.WRONG_USE
    assert said in capsys.readouterr().err


def test_without_a_running_stack_nothing_is_written_and_the_exit_code_is_3(tmp_path: Path) -> None:
    out = tmp_path / "annual.pdf"
    code = run(["report", "annual", "--year", "2023", "--out", str(out), "--data-dir", str(tmp_path)])
    assert code == Exit.UNREACHABLE
    assert not out.exists()
