"""The command that sets rights on Apache Kafka: `python -m deploy.kafka.access show | apply`.

`show` prints the rights; `apply` makes a broker have exactly these for our principals, and their passwords. It needs a
broker with ``StandardAuthorizer`` and a connection that may alter the cluster (docs/operators.md).
"""

import asyncio
import sys

from pydantic import ValidationError

from deploy.kafka.access_admin import apply
from deploy.kafka.access_settings import AccessSettings
from deploy.kafka.rights import all_rights, shown


def main(arguments: list[str]) -> int:
    """Run the command; return the exit status."""
    if arguments == ["show"]:
        sys.stdout.write(shown(all_rights({})))
        return 0
    if arguments != ["apply"]:
        sys.stderr.write("usage: python -m deploy.kafka.access show | apply\n")
        return 2
    try:
        settings = AccessSettings()  # from the environment
    except ValidationError as invalid:
        for error in invalid.errors(include_url=False, include_input=False, include_context=False):
            name = "_".join(str(part) for part in error["loc"])
            sys.stderr.write(f"KHOPSO_KAFKA_{name.upper()}: {error['msg']}\n")
        return 78
    done = asyncio.run(apply(settings))
    sys.stdout.write(f"users {done.users}, rights given {done.given}, taken away {done.taken}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
