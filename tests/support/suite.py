"""Runs suites as `make` and CI do: ``python -m tests.support.suite [--title NAME] SUITE…``.

A suite whose tests share nothing runs on all cores, one file on one core; each worker starts a PostgreSQL of its own. Suites
of whole stacks run one test at a time in this process alone.

Three variables change a run, for CI: `KHOPSO_RERUN`: tests that failed run once more, alone, after the rest. What fails twice
fails the run; what passes then is named (``RERUN: …``) and written to `build/reruns.txt`, because a test that fails now and
then hides a race. `KHOPSO_COVERAGE`: branches are measured, those of the processes that tests start included, but not in suites of whole stacks.
`KHOPSO_WORKERS`: so many processes instead of one a core (four at most).
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
ONE_AT_A_TIME = frozenset({"delivery", "integration", "failure"})
"""Suites of whole stacks: brokers, killed processes, lost logs."""
_MOST_WORKERS = 4
_FAILED = 1


def command(suites: Sequence[str], title: str, environment: Mapping[str, str]) -> list[str]:
    """Return the pytest command of a run of these suites."""
    paths = [f"tests/{suite}" for suite in suites]
    words = [sys.executable, "-m", "pytest", *paths, "-o", f"cache_dir={cache_of(title)}"]
    if not ONE_AT_A_TIME.intersection(suites):
        workers = environment.get("KHOPSO_WORKERS") or str(min(_MOST_WORKERS, os.cpu_count() or 1))
        words += ["--numprocesses", workers, "--dist", "loadfile"]
        # Tracing would slow whole stacks down, whose tests give processes a time to come up and to stop.
        if environment.get("KHOPSO_COVERAGE"):
            # The floor is for all suites together (`make coverage`): none of them reaches it alone.
            words += ["--cov", "--cov-report=", "--cov-fail-under=0"]
    return words


def cache_of(title: str) -> str:
    """Return where pytest notes what failed in this run; runs side by side must not share it."""
    return f".pytest_cache/{title}"


def folder_of(title: str) -> Path:
    """Return the folder below which this run keeps its temporary files.

    A pytest that begins takes everybody else's rights to its folder away. Shared with a run beside it that would be the
    end of that one's PostgreSQL, which runs as another user.
    """
    folder = Path(tempfile.gettempdir()) / f"khopso-{title}"
    folder.mkdir(exist_ok=True)
    return folder


def failed(title: str, root: Path = ROOT) -> list[str]:
    """Return the names of the tests that failed in the last run of this title."""
    noted = root / cache_of(title) / "v/cache/lastfailed"
    return sorted(json.loads(noted.read_text(encoding="utf-8"))) if noted.is_file() else []


def run(suites: Sequence[str], title: str, environment: Mapping[str, str], root: Path = ROOT) -> int:
    """Run the suites and return pytest's exit status, after a rerun where one is asked for and there is one."""
    began = time.monotonic()
    surroundings = {
        **environment,
        "COVERAGE_FILE": str(root / f".coverage.{title}"),
        "PYTEST_DEBUG_TEMPROOT": str(folder_of(title)),
    }
    words = command(suites, title, environment)
    status = subprocess.run(words, cwd=root, env=surroundings, check=False).returncode
    names = failed(title, root)
    if status == _FAILED and environment.get("KHOPSO_RERUN") and names:
        _say(f"==> {title}: {len(names)} FAILED; ONCE MORE, ALONE")
        alone = [sys.executable, "-m", "pytest", *names, "-o", f"cache_dir={cache_of(title)}"]
        status = subprocess.run(alone, cwd=root, env=surroundings, check=False).returncode
        _note_reruns([name for name in names if name not in failed(title, root)], root)
    _say(f"==> {title}: {'passed' if status == 0 else f'status {status}'}, {time.monotonic() - began:.0f} s")
    return status


def _note_reruns(passed: Sequence[str], root: Path) -> None:
    note = root / "build" / "reruns.txt"
    note.parent.mkdir(exist_ok=True)
    with note.open("a", encoding="utf-8") as lines:
        for name in passed:
            lines.write(f"RERUN: {name}\n")
            _say(f"RERUN: {name}")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; its exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.suite", description=__doc__)
    parser.add_argument("suites", nargs="+", metavar="SUITE", help="folders below tests/")
    parser.add_argument("--title", help="the run's name (default: its first suite)")
    given = parser.parse_args(arguments)
    return run(given.suites, given.title or given.suites[0], os.environ)


if __name__ == "__main__":
    sys.exit(main())
