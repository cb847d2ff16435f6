"""A connection to a database whose failure is told without its password."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from deploy.process import ProcessFailedError


@contextmanager
def connected(url: str) -> Iterator[psycopg.Connection]:
    """Connect for the length of the block; what the server says against it is a ProcessFailedError."""
    try:
        with psycopg.connect(url) as connection:
            yield connection
    except psycopg.Error as failed:
        raise ProcessFailedError(f"{type(failed).__name__}: {str(failed).strip()}") from None
