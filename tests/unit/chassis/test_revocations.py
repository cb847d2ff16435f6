"""The list of revoked tokens in memory: reread now and then, kept while the database is away."""

import asyncio

from services.chassis.security import Revocations


class Source:
    """The list in the database; may be away."""

    def __init__(self) -> None:
        self.tokens: list[str] = []
        self.away = False
        self.asked = 0
        self.now = 0.0

    async def load(self) -> list[str]:
        self.asked += 1
        await asyncio.sleep(0)
        if self.away:
            raise ConnectionError
        return list(self.tokens)

    def revocations(self) -> Revocations:
        return Revocations(
            self.load, lambda error: isinstance(error, ConnectionError), monotonic=lambda: self.now
        )


async def test_the_list_is_reread_every_few_seconds_and_once_for_all_who_wait() -> None:
    source = Source()
    revocations = source.revocations()
    assert not any(await asyncio.gather(*(revocations.is_revoked("a") for _ in range(50))))
    source.tokens.append("a")
    source.now = 4.9
    assert not await revocations.is_revoked("a")
    assert source.asked == 1
    source.now = 5
    assert await revocations.is_revoked("a")
    assert not await revocations.is_revoked("b")
    assert source.asked == 2


async def test_while_the_database_is_away_what_was_revoked_stays_so_and_it_is_not_asked_all_the_time() -> (
    None
):
    source = Source()
    source.tokens.append("a")
    revocations = source.revocations()
    assert await revocations.is_revoked("a")
    source.away, source.now = True, 10
    assert all([await revocations.is_revoked("a") for _ in range(20)])
    assert source.asked == 2
