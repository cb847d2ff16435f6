"""W3C Trace Context: what one command asks of the services is one trace."""

import re
from pathlib import Path

import pytest

from khopso.api import Api
from tests.unit.khopso.fake_services import FakeServices

TRACEPARENT = re.compile(r"00-(?P<trace>[0-9a-f]{32})-(?P<span>[0-9a-f]{16})-01")


@pytest.mark.usefixtures("fake")
def test_the_requests_of_a_command_are_spans_of_one_trace_and_another_command_begins_another(
    fake: FakeServices, tmp_path: Path
) -> None:
    fake.routes["GET /v1/progress"] = lambda _query, _body: (200, {})
    traces = []
    for _ in range(2):
        fake.traceparents.clear()
        with Api(tmp_path) as command:
            command.get("registry", "/v1/progress")
            command.get("treatment", "/v1/progress")
        first, second = map(TRACEPARENT.fullmatch, fake.traceparents)
        assert first
        assert second
        assert first["trace"] == second["trace"]
        assert first["span"] != second["span"]
        traces.append(first["trace"])
    assert traces[0] != traces[1]
