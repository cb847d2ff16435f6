"""The command line's part of a match, run against a service of a test."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from contracts.forms import FORMS
from khopso.registers.lists import Held, ListRequest, hold
from tests.support.registers import Service
from tests.support.workbooks import write_csv, write_xlsx


@dataclass
class InThread:
    """What the command line needs of its API, over the service of this test."""

    service: Service
    loop: asyncio.AbstractEventLoop
    caller: dict[str, str]
    bodies: list[dict[str, Any]] = field(default_factory=list)

    def post(self, service: str, path: str, body: Any = None, params: Any = None, **_: Any) -> Any:
        self.bodies.append(body)
        sent = self.service.client.post(path, json=body, headers=self.caller)
        answer = asyncio.run_coroutine_threadsafe(sent, self.loop).result(60)
        assert answer.status_code == 200, answer.text
        return answer.json()


async def held(service: Service, form: str, path: Path, **asked: Any) -> tuple[Held, InThread]:
    """What `khopso match` makes of a file, and the requests that it sent."""
    api = InThread(service, asyncio.get_running_loop(), service.office(form))
    return await asyncio.to_thread(hold, api, FORMS[form], path, FORMS, ListRequest(**asked)), api


def written(path: Path, form: str, rows: list[dict[str, Any]]) -> Path:
    """The list as a file with Vietnamese headers in an order of its own."""
    columns = sorted({name for row in rows for name in row}, key=lambda name: FORMS[form].by_id[name].vi)
    cells: list[list[Any]] = [[FORMS[form].by_id[name].vi for name in columns]]
    cells += [[row.get(name) for name in columns] for row in rows]
    return write_xlsx(path, cells) if path.suffix == ".xlsx" else write_csv(path, cells, ";")
