"""The stacks of the fault tests, started once each: one that is disturbed, one that is left alone."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.failure.trial import SEED, Reference, Trial
from tests.support.stack.endings import end_in_good_order
from tests.support.stack.harness import Province
from tests.support.stack.lanes import need_kafka
from tests.support.stack.order import shared_stacks_last
from tests.support.stack.registers import Registers

# A cluster that fits a small disk, so that a full one can be had at will.
SMALL_DISK = {"max_wal_size": "64MB", "min_wal_size": "32MB", "shared_buffers": "64MB"}
DISK_MIB = 420


def pytest_configure() -> None:
    """Nothing of a stack outlives its run."""
    end_in_good_order()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slow tests of this folder have a time limit of their own, and those that start stacks of their own come first."""
    shared_stacks_last(items, Path(__file__).parent, ("trial", "forgetful"))
    for item in items:
        if Path(__file__).parent in Path(item.path).parents:
            item.add_marker(pytest.mark.timeout(600))


@pytest.fixture(scope="session")
def registers() -> Registers:
    """The rows that every stack of this suite gets."""
    return Registers(SEED)


@pytest.fixture(scope="session")
def reference(tmp_path_factory: pytest.TempPathFactory, registers: Registers) -> Iterator[Reference]:
    """The undisturbed run: on the embedded broker, so that the two brokers are compared as well."""
    with Province(tmp_path_factory.mktemp("undisturbed"), "embedded", split=False) as province:
        yield Reference(province, registers)


@pytest.fixture(scope="session")
def small_disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path | None]:
    """A file system of its own for PostgreSQL's data; None where this user may not mount one."""
    folder = tmp_path_factory.mktemp("disk")
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m", "tmpfs", str(folder)]
    with contextlib.suppress(OSError):
        if os.geteuid() == 0 and subprocess.run(command, check=False, capture_output=True).returncode == 0:
            yield folder
            subprocess.run(["umount", "--lazy", str(folder)], check=False)
            return
    yield None


@pytest.fixture(scope="session")
def trial(
    tmp_path_factory: pytest.TempPathFactory,
    registers: Registers,
    reference: Reference,
    small_disk: Path | None,
) -> Iterator[Trial]:
    """The disturbed run: Apache Kafka, every role a process of its own."""
    need_kafka()
    with Province(
        tmp_path_factory.mktemp("disturbed"),
        "kafka",
        postgres_dir=small_disk / "postgres" if small_disk else None,
        postgres_settings=SMALL_DISK,
    ) as province:
        yield Trial(province, reference, registers)


@pytest.fixture(scope="session")
def forgetful(
    tmp_path_factory: pytest.TempPathFactory, registers: Registers, reference: Reference
) -> Iterator[Trial]:
    """A run on the embedded broker, whose log is gone whenever it stops."""
    with Province(tmp_path_factory.mktemp("forgetful"), "embedded", split=False) as province:
        yield Trial(province, reference, registers)
