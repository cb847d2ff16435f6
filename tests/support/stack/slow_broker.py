"""The supervisor of the embedded stack with a broker whose start takes as long as a test wants.

`python -m tests.support.stack.slow_broker DATA_DIR [ready]`. The broker is a process that runs and does not serve, as one that
reads a long log again; with ``ready`` it says that it serves, so that the start goes on.
"""

import sys
from pathlib import Path

from deploy.embedded.keeping import Answer
from deploy.embedded.starting import BrokerServer, Start
from deploy.embedded.state import Broker
from deploy.embedded.supervisor import Supervisor, supervise
from deploy.process import ManagedProcess, SingleProcess

ASLEEP = "import time; time.sleep(3600)"


class SlowBroker(SingleProcess):
    """Runs, and answers a probe as it was told to."""

    bootstrap = "127.0.0.1:1"

    def __init__(self, log: Path, answer: Answer) -> None:
        self._answer = answer
        super().__init__(ManagedProcess("broker", [sys.executable, "-c", ASLEEP], log=log))

    def probe(self) -> Answer:
        """What it was told to answer."""
        return self._answer


class _SlowStart(Start):
    def make_broker(self, chosen: Broker) -> BrokerServer:
        return SlowBroker(self.layout.log("broker"), "ready" if "ready" in sys.argv[2:] else "alive")


class _SlowSupervisor(Supervisor):
    def make_start(self) -> Start:
        return _SlowStart(self.layout, self.stack, self._client, self._changed)


if __name__ == "__main__":
    sys.exit(supervise(_SlowSupervisor, Path(sys.argv[1]), "embedded"))
