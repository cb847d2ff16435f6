"""Runs suites as `make` and CI do: ``python -m tests.support.suite [--title NAME] SUITE…``.

A suite whose tests share nothing runs on all cores, one file on one core; each worker starts a PostgreSQL of its own. Suites
of whole stacks run one test at a time in this process alone.

Three variables change a run, for CI: `KHOPSO_RERUN`: the files in which tests failed run once more, after the rest. What fails
then fails the run; what passes then is named (``RERUN: …``) and written to `build/reruns.txt`, because a test that fails now and
then hides a race. `KHOPSO_COVERAGE`: branches are measured, those of the processes that tests start included, in the suites that try the code line by line.
`KHOPSO_WORKERS`: so many processes instead of one a core (four at most).
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[2]
ONE_AT_A_TIME = frozenset({"delivery", "integration", "failure", "province", "browser"})
"""Suites of whole stacks: brokers, killed processes, lost logs, a browser; and the one that starts a run of its own."""
MEASURED = frozenset({"unit", "architecture", "contract", "component"})
"""Suites whose coverage is measured."""
_MOST_WORKERS = 4
_MEMORY = Path("/dev/shm")
# A database copied there costs a tenth of the processor's time, and no write waits for a disk. Runs of stacks keep some GiB.
_ROOM_BYTES = 8 * 2**30
_FAILED = 1


def command(suites: Sequence[str], title: str, environment: Mapping[str, str]) -> list[str]:
    """Return the pytest command of a run of these suites."""
    paths = [f"tests/{suite}" for suite in suites]
    words = [sys.executable, "-m", "pytest", *paths, "-o", f"cache_dir={cache_of(title)}"]
    if not ONE_AT_A_TIME.intersection(suites):
        words += on_all_cores(environment)
        # Suites of whole stacks give processes a time to come up; generated and attacking ones go over the same lines often.
        if environment.get("KHOPSO_COVERAGE") and MEASURED.issuperset(suites):
            words += ["-p", "tests.support.covering.plugin"]
    return words


def on_all_cores(environment: Mapping[str, str]) -> list[str]:
    """Return pytest's words for a run whose files are dealt out to as many processes as there are cores, four at most."""
    workers = environment.get("KHOPSO_WORKERS") or str(min(_MOST_WORKERS, os.cpu_count() or 1))
    # In the order of tests/conftest.py: files of few tests, which xdist would deal out last, hold the longest ones.
    return ["--numprocesses", workers, "--dist", "loadfile", "--no-loadscope-reorder"]


def cache_of(title: str) -> str:
    """Return where pytest notes what failed in this run; runs side by side must not share it."""
    return f".pytest_cache/{title}"


def folder_of(title: str) -> Path:
    """Return a new folder for the temporary files of this run: in memory, where there is room.

    A pytest that begins takes everybody else's rights to its folder away. Shared with a run beside it that would be the
    end of that one's PostgreSQL, which runs as another user. What failed leaves its files until the next run.
    """
    usual = Path(tempfile.gettempdir())
    for place in {_MEMORY, usual}:
        for left in place.glob(f"khopso-{title}-*"):
            if (owner := _owner(left)) is not None and not psutil.pid_exists(owner):
                shutil.rmtree(left, ignore_errors=True)
    folder = (_MEMORY if has_room(_MEMORY) else usual) / f"khopso-{title}-{os.getpid()}"
    folder.mkdir(exist_ok=True)
    return folder


def has_room(place: Path) -> bool:
    """Return whether a file system in memory is there that may hold the files of a run and programs among them.

    Runs beside it may need as much again as it does: what they have not written yet is free only for now.
    """
    if not place.is_dir() or os.statvfs(place).f_flag & os.ST_NOEXEC:
        return False
    owners = {_owner(folder) for folder in place.glob("khopso-*")} - {None, os.getpid()}
    runs = 1 + sum(psutil.pid_exists(owner) for owner in owners if owner is not None)
    return min(shutil.disk_usage(place).free, psutil.virtual_memory().available) >= runs * _ROOM_BYTES


def _owner(folder: Path) -> int | None:
    """Return the process whose run keeps its files there; None for other folders."""
    process = folder.name.rpartition("-")[2]
    return int(process) if process.isdecimal() else None


def failed(title: str, root: Path = ROOT) -> list[str]:
    """Return the names of the tests that failed in the last run of this title."""
    noted = root / cache_of(title) / "v/cache/lastfailed"
    return sorted(json.loads(noted.read_text(encoding="utf-8"))) if noted.is_file() else []


def files_of(names: Sequence[str]) -> list[str]:
    """Return the files of these tests, each once.

    Whole files run again, because a drill tells a story in steps: a test of it alone, or in another order, finds the stack
    in a state that it does not speak of.

    >>> files_of(["tests/failure/test_a.py::test_second", "tests/failure/test_a.py::test_first[x::y]"])
    ['tests/failure/test_a.py']
    """
    return list(dict.fromkeys(name.partition("::")[0] for name in names))


def run(suites: Sequence[str], title: str, environment: Mapping[str, str], root: Path = ROOT) -> int:
    """Run the suites and return pytest's exit status, after a rerun where one is asked for and there is one."""
    began = time.monotonic()
    folder = folder_of(title)
    surroundings = {
        **environment,
        "COVERAGE_FILE": str(root / f".coverage.{title}"),
        "PYTEST_DEBUG_TEMPROOT": str(folder),
        "TMPDIR": str(folder),
    }
    words = command(suites, title, environment)
    status = subprocess.run(words, cwd=root, env=surroundings, check=False).returncode
    names = failed(title, root)
    if status == _FAILED and environment.get("KHOPSO_RERUN") and names:
        files = files_of(names)
        _say(f"==> {title}: {len(names)} FAILED; ONCE MORE, ALONE: {' '.join(files)}")
        alone = [sys.executable, "-m", "pytest", *files, "-o", f"cache_dir={cache_of(title)}"]
        # What has failed is tried again however late it is.
        late = {name: value for name, value in surroundings.items() if name != "KHOPSO_UNTIL"}
        status = subprocess.run(alone, cwd=root, env=late, check=False).returncode
        _note_reruns([name for name in names if name not in failed(title, root)], root)
    if status == 0:
        shutil.rmtree(folder, ignore_errors=True)
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
