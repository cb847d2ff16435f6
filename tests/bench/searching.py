"""What a search among a register's people costs, beside asking for an exact number and beside comparing every row."""

import asyncio
import random
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from deploy.embedded.postgres import PostgresServer
from services.chassis.persistence import copy_rows, migrations, raw
from services.chassis.platform import Platform
from services.chassis.runtime import uuid7
from services.chassis.security import Principal
from services.registers import Intake
from services.registers.blind_index import Terms, folded
from services.registers.search import Question, TooWideError, search
from services.registers.secrets import Vault
from services.registry.registers import REGISTERS
from tests.bench.table import Table, percentile
from tests.support.platform import platform_for, settings_for

_UNITS = 264
_ASKED = 100
_NOW = datetime(2024, 3, 1, tzinfo=UTC)
# About as often as in Vietnam: the more often a name occurs, the more rows a question for it has to compare.
FAMILIES = {
    "Nguyễn": 31,
    "Trần": 11,
    "Lê": 9,
    "Phạm": 7,
    "Hoàng": 5,
    "Vũ": 4,
    "Đặng": 3,
    "Bùi": 3,
    "Đỗ": 3,
    "Ngô": 2,
}
MIDDLES = {
    "Văn": 28,
    "Thị": 28,
    "Đức": 6,
    "Minh": 4,
    "Hữu": 4,
    "Xuân": 3,
    "Quang": 3,
    "Thanh": 3,
    "Ngọc": 2,
    "Công": 2,
}
_GIVEN_NAMES = (
    "An Anh Bình Bảo Cường Chung Chiến Dũng Duy Dương Đạt Đông Giang Hà Hải Hạnh Hằng Hậu Hiền Hiếu"
    " Hoa Hòa Hùng Huy Huyền Hưng Hương Khánh Kiên Lan Lâm Liên Linh Loan Long Lợi Mai Mạnh My Nam"
    " Nga Ngân Nghĩa Nhung Oanh Phong Phúc Phương Quân Quốc Quyền Sơn Tài Tâm Tân Thái Thành Thảo"
    " Thắng Thịnh Thu Thủy Tiến Toàn Trang Trung Trường Tú Tuấn Tùng Tuyết Uyên Vân Việt Vinh Yến Ý"
)
GIVEN = _GIVEN_NAMES.split()
_RECORD = {
    "record_id": "uuid", "form": "text", "unit": "text", "key": "text", "sequence": "int8", "content": "jsonb", "identity": "bytea",
    "digest": "bytea", "recorded_at": "timestamptz", "own_day": "date", "voided": "bool", "handed_in_at": "timestamptz",
    "handed_in_by": "text",
}  # fmt: skip
_SEARCH = {
    "record_id": "uuid",
    "form": "text",
    "unit": "text",
    "number": "text",
    "key_id": "text",
    "tokens": "int2[]",
}
Person = dict[str, Any]


def measure(folder: Path, people: int, table: Table) -> None:
    """F1: a register of so many invented people, asked by an office of the province; the tables go with the folder."""
    with PostgresServer(folder / "searching") as server:
        url = server.ensure_service("registry", "a-password")
        migrations.upgrade(settings_for(url, service="registry"), "services.registry")
        asyncio.run(_measure(platform_for(url, service="registry"), people, table))


async def _measure(platform: Platform, people: int, table: Table) -> None:
    intake = Intake(
        "registry",
        REGISTERS,
        cipher=platform.cipher,
        digest_key=platform.digest_key,
        hash_all=None if platform.hashing is None else platform.hashing.hash,
        clock=lambda: _NOW,
        new_id=uuid7,
    )
    try:
        asked = await _fill(platform, intake.vault, people)
        found = {
            name: [await _ask(platform, intake, question(person)) for person in asked]
            for name, question in _QUESTIONS.items()
        }
        plain = [await _compare_all(platform, person) for person in asked[:3]]
    finally:
        await platform.close()
    exact = found["exact number of a record"]
    for name, times in found.items():
        ratio = percentile(times, 0.5) / percentile(exact, 0.5)
        shown = f"p50 {percentile(times, 0.5):.1f}, p95 {percentile(times, 0.95):.1f}, {ratio:.1f} times the exact number"
        table.add("F1", f"search, {people:,} people: {name}, ms", shown, "p95 < 50")
    table.add(
        "F1", f"search, {people:,} people: every row's tokens compared, ms", f"{percentile(plain, 0.5):.0f}"
    )


async def _fill(platform: Platform, vault: Vault, people: int) -> list[Person]:
    chosen, asked = random.Random(11), []
    made = list(_people(chosen, people))
    asked = chosen.sample(made, min(_ASKED, people))
    async with platform.uow() as session:
        connection = await raw(session)
        await connection.execute("SET LOCAL statement_timeout TO 0")
        await copy_rows(connection, "record", _RECORD, (_record(vault, person) for person in made))
        await copy_rows(connection, "record_search", _SEARCH, (_found_by(vault, person) for person in made))
    async with platform.uow() as session:
        await (await raw(session)).execute("ANALYZE record, record_search, record_version")
    return asked


def _people(chosen: random.Random, count: int) -> Iterator[Person]:
    families, middles = (list(names) for names in (FAMILIES, MIDDLES))
    for place in range(count):
        family = chosen.choices(families, list(FAMILIES.values()))[0]
        middle = chosen.choices(middles, list(MIDDLES.values()))[0]
        given = chosen.choices(GIVEN, [1 / (rank + 3) for rank in range(len(GIVEN))])[0]
        yield {
            "id": UUID(int=chosen.getrandbits(128)),
            "unit": f"police:{10_000 + place % _UNITS}",
            "number": f"HS-{place}",
            "full_name": f"{family} {middle} {given}",
            "birth_date": chosen.randint(1950, 2004),
            "national_id": f"{chosen.randrange(10**12):012d}",
        }


def _identity(person: Person) -> Person:
    return {name: person[name] for name in ("full_name", "birth_date", "national_id")}


def _record(vault: Vault, person: Person) -> tuple[Any, ...]:
    sealed = vault.seal(person["id"], _identity(person))
    key = f"{person['number']}\x1f2024-01-01"
    content = Jsonb({"record_no": person["number"], "status_from": "2024-01-01"})
    day = date(2024, 1, 1)
    return (
        person["id"],
        "registry",
        person["unit"],
        key,
        1,
        content,
        sealed,
        bytes(32),
        _NOW,
        day,
        False,
        _NOW,
        "b",
    )


def _found_by(vault: Vault, person: Person) -> tuple[Any, ...]:
    tokens = sorted(vault.blind.tokens(_identity(person)))
    number = person["number"].replace("-", "").casefold()
    return (person["id"], "registry", person["unit"], number, vault.blind.current, tokens)


_QUESTIONS: dict[str, Callable[[Person], Question]] = {
    "exact number of a record": lambda person: Question(number=person["number"]),
    "identity number": lambda person: Question(who=Terms(national_id=person["national_id"])),
    "name": lambda person: Question(who=Terms(person["full_name"])),
    "name without diacritics": lambda person: Question(who=Terms(folded(person["full_name"]))),
    "name and year of birth": lambda person: Question(
        who=Terms(person["full_name"], "", person["birth_date"])
    ),
    "nobody's name (one syllable wrong) and year of birth": lambda person: Question(
        who=Terms(person["full_name"][:-1] + "x", "", person["birth_date"])
    ),
}


async def _ask(platform: Platform, intake: Intake, question: Question) -> float:
    begun = time.perf_counter()
    async with platform.uow() as session:
        rights = await intake.rights(session, Principal("police:30", "30", "clerk", "bench"))
        # Too many may be meant: an answer as well, and it takes its time.
        with suppress(TooWideError):
            await search(session, intake, rights, question, ("purpose",))
    return (time.perf_counter() - begun) * 1000


async def _compare_all(platform: Platform, person: Person) -> float:
    begun = time.perf_counter()
    async with platform.uow() as session:
        connection = await raw(session)
        tokens = [1, 2, len(person["full_name"])]
        # An expression that no index has: every row is read.
        await (
            await connection.execute(
                "SELECT record_id FROM record_search WHERE tokens || '{}'::int2[] @> %s::int2[]", (tokens,)
            )
        ).fetchall()
    return (time.perf_counter() - begun) * 1000
