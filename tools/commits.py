"""Refuses commit subjects that nobody can scan: ``python -m tools.commits [--since COMMIT | --message FILE]``.

A subject reads ``type(scope): subject``, at most 72 characters; the scope may be missing, a ``!`` before the colon says
that somebody must act. Held for every commit after `SINCE`, since when the rule exists; merge commits keep the words that
git gave them. ``--message`` reads one message from a file, as a ``commit-msg`` hook is given it.

Where the history does not reach back to `SINCE` (a shallow clone), the commits at hand are held to it, all but the
oldest of each line: git cut that one's parents off, and with them the sign whether it was a merge.
"""

import argparse
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
SINCE = "838f702f22c3d12eb7236496b840e23a5c1aa7de"
TYPES = ("feat", "fix", "perf", "refactor", "docs", "test", "build")
LONGEST = 72

_SUBJECT = re.compile(rf"({'|'.join(TYPES)})(\([a-z0-9][a-z0-9 ,_/-]*\))?!?: \S.*")


def faults(subject: str) -> list[str]:
    """Return what is wrong with a subject, in words; nothing when it may stay.

    >>> faults("fix(relay): send what a killed process left")
    []
    """
    found = []
    if not _SUBJECT.fullmatch(subject):
        found.append(f"not of the form 'type(scope): subject' with a type of {', '.join(TYPES)}")
    if len(subject) > LONGEST:
        found.append(f"{len(subject)} characters, more than {LONGEST}")
    return found


def subjects(repository: Path, since: str = SINCE) -> list[tuple[str, str]]:
    """Return (short hash, subject) of the commits after `since` up to HEAD that are no merges, oldest first.

    Raises `RuntimeError` where there is no git history to look at.
    """
    known = _git(repository, "cat-file", "-e", f"{since}^{{commit}}").returncode == 0
    reached = known and _git(repository, "merge-base", "--is-ancestor", since, "HEAD").returncode == 0
    shallow = _git(repository, "rev-parse", "--git-path", "shallow").stdout.strip()
    cut = (repository / shallow).read_text().split() if shallow and (repository / shallow).is_file() else []
    walk = [f"{since}..HEAD"] if reached else ["HEAD"]
    listed = _git(repository, "log", "--no-merges", "--reverse", "--format=%H %s", *walk)
    if listed.returncode != 0:
        raise RuntimeError(f"no git history in {repository}: {listed.stderr.strip()}")
    found = (line.partition(" ") for line in listed.stdout.splitlines())
    return [(commit[:9], subject) for commit, _, subject in found if commit not in cut]


def subject_of(message: str) -> str:
    """Return the first line of a message that is neither blank nor one of git's own remarks."""
    lines = (line.rstrip() for line in message.splitlines())
    return next((line for line in lines if line and not line.startswith("#")), "")


def main(arguments: Sequence[str] | None = None, repository: Path = ROOT) -> int:
    """Run the command and return its exit code: 1 where a subject is refused, 2 where there is no history."""
    parser = argparse.ArgumentParser(prog="python -m tools.commits", description=__doc__)
    parser.add_argument("--since", default=SINCE, help="the last commit that need not keep to the rule")
    parser.add_argument("--message", type=Path, help="a file with one commit message")
    given = parser.parse_args(arguments)
    if given.message:
        merging = _git(repository, "rev-parse", "--quiet", "--verify", "MERGE_HEAD").returncode == 0
        looked_at = [] if merging else [("message", subject_of(given.message.read_text(encoding="utf-8")))]
    else:
        try:
            looked_at = subjects(repository, given.since)
        except RuntimeError as failure:
            sys.stderr.write(f"{failure}\n")
            return 2
    refused = [(name, subject, why) for name, subject in looked_at for why in faults(subject)]
    for name, subject, why in refused:
        sys.stdout.write(f"{name}: {subject!r}: {why}\n")
    return 1 if refused else 0


def _git(repository: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["git", "-C", str(repository), *arguments], capture_output=True, text=True, check=False
    )


if __name__ == "__main__":
    sys.exit(main())
