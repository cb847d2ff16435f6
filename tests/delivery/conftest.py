"""Parts of the delivery tests."""

import itertools
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from services.chassis.kafka.clients import TopicSpec
from services.chassis.platform import Platform
from tests.support.fixtures import Broker
from tests.support.platform import platform_for
from tests.support.rig import topic_named

_numbers = itertools.count(1)


@pytest.fixture
def topic() -> TopicSpec:
    """A topic of the test's own."""
    return topic_named(f"sample.things_{next(_numbers)}")


@pytest.fixture
async def platforms() -> AsyncIterator[Callable[..., Platform]]:
    """Makes platforms and closes them."""
    made: list[Platform] = []

    def make(database_url: str, broker: Broker, **given: Any) -> Platform:
        made.append(platform_for(database_url, broker.bootstrap, broker.flavour, **given))
        return made[-1]

    yield make
    for platform in made:
        await platform.close()


@pytest.fixture
def platform(platforms: Callable[..., Platform], database_url: str, broker: Broker) -> Platform:
    """A platform on a migrated database and the shared broker."""
    return platforms(database_url, broker)
