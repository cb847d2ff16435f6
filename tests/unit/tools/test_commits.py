"""The rule of commit subjects: what it refuses, and which commits of a history it looks at."""

import subprocess
from pathlib import Path

import pytest

from tools.commits import faults, main, subject_of, subjects


def git(repository: Path, *arguments: str) -> str:
    """Run git in a repository of the test's own; what it says."""
    who = ("-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "init.defaultBranch=main")
    command = ["git", *who, "-C", str(repository), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def commit(repository: Path, subject: str) -> str:
    """Make an empty commit; its hash."""
    git(repository, "commit", "--quiet", "--allow-empty", "-m", subject)
    return git(repository, "rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one commit from before the rule."""
    path = tmp_path / "repository"
    path.mkdir()
    git(path, "init", "--quiet")
    commit(path, "Let the beginning be")
    return path


@pytest.mark.parametrize(
    "subject",
    [
        "feat(reporting): answer by age band",
        "fix: count a person once",
        "perf(figures,cells): read one index",
        "refactor(services/chassis)!: rename a setting",
        f"docs: {'x' * 66}",
    ],
)
def test_a_subject_with_kind_and_scope_may_stay(subject: str) -> None:
    assert faults(subject) == []


@pytest.mark.parametrize(
    ("subject", "why"),
    [
        ("Hold that a partner is no cover", "not of the form"),
        ("feature(reporting): answer", "not of the form"),
        ("chore: tidy", "not of the form"),
        ("fix(Reporting): count once", "not of the form"),
        ("fix(): count once", "not of the form"),
        ("fix:count once", "not of the form"),
        ("fix: ", "not of the form"),
        ('Revert "fix: count once"', "not of the form"),
        ("fixup! fix: count once", "not of the form"),
        ("", "not of the form"),
        (f"docs: {'x' * 67}", "73 characters, more than 72"),
    ],
)
def test_any_other_subject_is_refused_with_the_reason(subject: str, why: str) -> None:
    assert any(why in fault for fault in faults(subject))


def test_length_is_counted_in_characters_not_bytes() -> None:
    assert faults(f"docs: {'ố' * 66}") == []


def test_commits_after_the_rule_are_looked_at_and_those_before_are_not(repository: Path) -> None:
    since = git(repository, "rev-parse", "HEAD")
    commit(repository, "fix: one")
    commit(repository, "Two")
    assert [subject for _, subject in subjects(repository, since)] == ["fix: one", "Two"]
    assert main(["--since", since], repository) == 1


def test_merge_commits_keep_the_words_that_git_gave_them(repository: Path) -> None:
    since = git(repository, "rev-parse", "HEAD")
    git(repository, "checkout", "--quiet", "-b", "side")
    commit(repository, "fix: on the side")
    git(repository, "checkout", "--quiet", "main")
    commit(repository, "fix: on main")
    git(repository, "merge", "--quiet", "--no-edit", "side")
    assert git(repository, "log", "-1", "--format=%s").startswith("Merge")
    assert sorted(subject for _, subject in subjects(repository, since)) == [
        "fix: on main",
        "fix: on the side",
    ]
    assert main(["--since", since], repository) == 0


def test_a_shallow_clone_is_held_to_the_rule_for_the_commits_that_it_has(
    repository: Path, tmp_path: Path
) -> None:
    since = git(repository, "rev-parse", "HEAD")
    for subject in ("Cut off", "fix: one", "Two", "fix: three"):
        commit(repository, subject)
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "--depth", "4", repository.as_uri(), str(clone))
    assert [subject for _, subject in subjects(clone, since)] == ["fix: one", "Two", "fix: three"]
    assert main(["--since", since], clone) == 1


def test_a_shallow_clone_that_reaches_the_rule_looks_no_further(repository: Path, tmp_path: Path) -> None:
    commit(repository, "Also before the rule")
    since = commit(repository, "Before the rule")
    commit(repository, "fix: one")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "--depth", "3", repository.as_uri(), str(clone))
    assert [subject for _, subject in subjects(clone, since)] == ["fix: one"]


def test_no_history_is_said_and_does_not_pass(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    assert main([], empty) == 2
    assert "no git history" in capsys.readouterr().err


def test_the_hook_reads_the_message_without_gits_remarks(repository: Path, tmp_path: Path) -> None:
    message = tmp_path / "message"
    message.write_text("\n# a remark\nfix: one\n\nWhy.\n", encoding="utf-8")
    assert subject_of(message.read_text(encoding="utf-8")) == "fix: one"
    assert main(["--message", str(message)], repository) == 0
    message.write_text("One\n", encoding="utf-8")
    assert main(["--message", str(message)], repository) == 1


def test_the_hook_lets_the_message_of_a_merge_pass(repository: Path, tmp_path: Path) -> None:
    git(repository, "checkout", "--quiet", "-b", "side")
    commit(repository, "fix: on the side")
    git(repository, "checkout", "--quiet", "main")
    commit(repository, "fix: on main")
    git(repository, "merge", "--quiet", "--no-commit", "side")
    message = tmp_path / "message"
    message.write_text("Merge branch 'side'\n", encoding="utf-8")
    assert main(["--message", str(message)], repository) == 0
