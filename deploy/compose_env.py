"""`python -m deploy.compose_env > .env`: fresh secrets for docker-compose.yml, and the lines left to fill in.

`python -m deploy.compose_env .env >> .env` after an upgrade: the lines that the file of an earlier release lacks.
"""

import json
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

from deploy.embedded import StackSecrets, digest_key_of_before, fresh_signing_key

# The identity provider is the office's own, and so is the address in browsers: nobody here can know them.
_TO_FILL_IN = ("JWKS_URL", "TOKEN_ISSUER", "TOKEN_AUDIENCE", "OIDC_ISSUER", "OIDC_CLIENT_ID", "PUBLIC_URL")


def environment() -> dict[str, str]:
    """Return every variable of docker-compose.yml; those of the identity provider and of the pages are empty, and compose insists on them."""
    made = StackSecrets.fresh()
    values = dict.fromkeys(_TO_FILL_IN, "")
    values["POSTGRES_PASSWORD"] = secrets.token_urlsafe(32)
    values["LINKAGE_SECRET"] = made.linkage_secret
    for service, key in made.hashing_keys.items():
        values[f"{service.upper()}_HASHING_KEY"] = key
    for service, own in made.services.items():
        prefix = service.upper()
        values[f"{prefix}_DB_PASSWORD"] = own.database_password
        values[f"{prefix}_KAFKA_PASSWORD"] = secrets.token_urlsafe(32)
        values[f"{prefix}_DIGEST_KEY"] = own.digest_key
        values[f"{prefix}_FIELD_KEYS"] = json.dumps(own.field_keys)
        values[f"{prefix}_FIELD_KEY_CURRENT"] = own.field_key_current
        values[f"{prefix}_SUBMISSION_PRIVATE_KEY"] = own.submission_private_key
        # Signs the heads of the service's audit of reads.
        values[f"{prefix}_AUDIT_SIGNING_KEY"] = _one_line(fresh_signing_key())
    values["GATEWAY_DB_PASSWORD"] = made.gateway.database_password
    values["GATEWAY_FIELD_KEYS"] = json.dumps(made.gateway.field_keys)
    values["GATEWAY_FIELD_KEY_CURRENT"] = made.gateway.field_key_current
    # The office's key, which signs closed periods: the PEM's body on one line.
    values["REPORTING_SIGNING_KEY"] = _one_line(fresh_signing_key())
    return values


def _one_line(pem: str) -> str:
    return "".join(pem.splitlines()[1:-1])


def lacking(given: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that a file with these does not have.

    A file of 0.2.0 gets the digest key under which its services made digests: rows that are stored are recognised.
    """
    values = {name: value for name, value in environment().items() if name not in given}
    if given.get("LINKAGE_SECRET"):
        before = digest_key_of_before(given["LINKAGE_SECRET"])
        values |= {name: before for name in values if name.endswith("_DIGEST_KEY")}
    return values


def read_env(text: str) -> dict[str, str]:
    """Return the variables of a file as `main` prints it."""
    lines = (line.partition("=") for line in text.splitlines() if line and not line.startswith("#"))
    return {name.strip(): value.strip().strip("'") for name, _, value in lines}


def main(arguments: list[str]) -> None:
    """Print the file, or what the file that is named lacks."""
    if arguments:
        _print(lacking(read_env(Path(arguments[0]).read_text(encoding="utf-8"))))
        return
    sys.stdout.write(
        "# Keep this file secret, and keep it: without the field keys stored identities are lost, without the\n"
        "# signing key no period can be closed under the office's name again.\n"
    )
    _print(environment())


def _print(values: Mapping[str, str]) -> None:
    for name, value in values.items():
        sys.stdout.write(f"{name}='{value}'\n" if value else f"{name}=\n")


if __name__ == "__main__":
    main(sys.argv[1:])
