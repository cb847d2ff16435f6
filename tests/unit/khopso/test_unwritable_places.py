"""A place that cannot be written to ends a command in words and with exit code 2, never with a traceback."""

from pathlib import Path

import pytest

from tests.unit.khopso.conftest import Khopso


@pytest.fixture
def nowhere(tmp_path: Path) -> Path:
    """A folder that nobody can make, whoever he is: above it lies a file."""
    (tmp_path / "file").write_text("")
    return tmp_path / "file" / "data"


@pytest.mark.parametrize("command", [("up",), ("up", "--no-wait")])
def test_a_data_directory_that_cannot_be_made_is_told(
    khopso: Khopso, nowhere: Path, command: tuple[str, ...]
) -> None:
    ran = khopso(*command, "--data-dir", nowhere, "--json")
    error = ran.document["error"]
    assert (ran.code, error["exit_code"]) == (2, 2)
    assert str(nowhere) in error["message"]["vi"]
