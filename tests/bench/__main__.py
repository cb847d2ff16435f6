"""``python -m tests.bench [--quick] [SECTION…]``: measure on this machine and print one table of ratios."""

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from deploy.embedded.state import Broker
from deploy.kafka.jars import KafkaUnavailableError, resolve_jars, resolve_java
from tests.bench import asking, busy, deciding, flat, fresh, importing, paging, pipe, rebuilding, searching
from tests.bench.table import Table
from tests.support.stack.endings import end_in_good_order
from tests.support.stack.harness import Province

LEFT = "Not measured: P9 over 1 M events, P7 on 3 M facts, F3."


def main() -> None:
    """Start one stack, measure section after section, print the table."""
    parser = argparse.ArgumentParser(prog="tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="about a minute of measuring instead of five")
    parser.add_argument(
        "sections",
        nargs="*",
        metavar="SECTION",
        help="decide, search, flat, pipe, fresh, import, busy, pages, ask (default: all)",
    )
    given = parser.parse_args()
    quick: bool = given.quick
    sizes = pipe.Sizes(rounds=2, events=20_000, naive_seconds=3) if quick else pipe.Sizes(5, 60_000, 5)
    table = Table()
    sections: dict[str, Callable[[Province], None]] = {
        "fresh": lambda province: fresh.measure(province, 6 if quick else 20, table),
        "import": lambda province: importing.measure(province, 3_000 if quick else 10_000, table),
        "pipe": lambda province: pipe.measure(province, sizes, table),
        "busy": lambda province: busy.measure(province, 20_000 if quick else 100_000, table),
        "pages": lambda province: paging.measure(province, 10 if quick else 40, table),
        "ask": lambda province: asking.measure(
            province, [5_000, 50_000] if quick else [50_000, 500_000], table
        ),
    }
    end_in_good_order()
    begun = time.monotonic()
    if not given.sections or "decide" in given.sections:
        print("decide", flush=True)
        deciding.measure(table)
        if given.sections == ["decide"]:
            table.show()
            return
    with tempfile.TemporaryDirectory(prefix="khopso-bench-") as folder:
        # Others of the machine have to reach the database's socket below.
        Path(folder).chmod(0o755)
        if not given.sections or "search" in given.sections:
            print("search", flush=True)
            searching.measure(Path(folder), 20_000 if quick else 1_000_000, table)
        if given.sections == ["search"]:
            table.show()
            return
        if not given.sections or "flat" in given.sections:
            print("flat", flush=True)
            sizes_asked = [5_000, 50_000] if quick else [50_000, 500_000, 5_000_000]
            flat.measure(Path(folder), sizes_asked, table)
            rebuilding.measure(Path(folder), 20_000 if quick else 1_000_000, table)
        if given.sections == ["flat"]:
            table.show()
            return
        settings = {"track_commit_timestamp": "on"}
        with Province(Path(folder) / "stack", _broker(), postgres_settings=settings) as province:
            print(f"measuring on {province.flavour}, {os.cpu_count()} processors", flush=True)
            for name, section in sections.items():
                if not given.sections or name in given.sections:
                    print(name, flush=True)
                    section(province)
    table.show()
    print(f"\n{LEFT}\nThis took {time.monotonic() - begun:.0f} s.")


def _broker() -> Broker:
    try:
        resolve_java()
        resolve_jars()
    except KafkaUnavailableError as missing:
        print(f"APACHE KAFKA NOT AVAILABLE, measuring on the embedded broker: {missing}")
        return "embedded"
    return "kafka"


if __name__ == "__main__":
    main()
