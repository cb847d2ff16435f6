"""The files of an embedded stack: state that survives, secrets made once, tokens that a service accepts."""

import json
import multiprocessing
import os
import stat
from pathlib import Path
from typing import Any

import psutil
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from pydantic import SecretStr

from deploy.embedded.issuer import ALGORITHM, Issuer
from deploy.embedded.layout import (
    PORT_NAMES,
    SERVICE_PROCESSES,
    Layout,
    ServiceProcess,
    choose_ports,
    gateway_environment,
    hashing_environment,
    service_environment,
)
from deploy.embedded.secrets import StackSecrets, load_secrets, load_signing_key
from deploy.embedded.state import (
    AUDIENCE,
    ISSUER,
    SERVICES,
    AlreadyLockedError,
    ProcessEntry,
    Stack,
    entry_of,
    hold_lock,
    read_stack,
    stack_file,
    write_stack,
)
from deploy.key_server import KeyServer
from deploy.ports import free_ports, is_free
from proof import public_key
from proof.signing import parse_signing_key
from reference.settings import ReferenceSettings
from services.chassis.runtime.settings import (
    ServiceSettings,
    load_settings,
    parse_field_keys,
    parse_submission_key,
)
from services.chassis.security.auth import principal_of
from services.gateway.settings import GatewaySettings
from services.linkage import LinkageSecret
from services.registry.hashing import HashingSettings


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_directory_without_a_stack_is_a_stopped_one(tmp_path: Path) -> None:
    stack = read_stack(tmp_path / "never")
    assert (stack.phase, stack.supervised, stack.processes) == ("stopped", False, {})


def test_what_is_written_is_read_back_and_only_the_owner_reads_it(tmp_path: Path) -> None:
    stack = Stack(
        phase="running", broker="kafka", ports={"jwks": 20001}, supervisor=entry_of(os.getpid(), tmp_path)
    )
    write_stack(tmp_path, stack)
    assert read_stack(tmp_path) == stack
    assert read_stack(tmp_path).supervised
    assert mode(stack_file(tmp_path)) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["stack.json"]


def test_a_reused_process_id_is_not_taken_for_the_old_process(tmp_path: Path) -> None:
    mine = entry_of(os.getpid(), tmp_path)
    assert mine.alive() == psutil.Process()
    assert ProcessEntry(pid=mine.pid, started=mine.started - 60, log="").alive() is None


def test_damaged_state_is_named(tmp_path: Path) -> None:
    stack_file(tmp_path).write_text('{"phase": "dancing"}')
    with pytest.raises(ValueError, match=r"stack\.json is damaged"):
        read_stack(tmp_path)


def _try_lock(data_dir: str, answer: "multiprocessing.Queue[bool]") -> None:
    try:
        with hold_lock(Path(data_dir)):
            answer.put(True)
    except AlreadyLockedError:
        answer.put(False)


def test_only_one_supervisor_holds_a_data_directory(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    answer: multiprocessing.Queue[bool] = context.Queue()
    for held, expected in ((True, False), (False, True)):
        process = context.Process(target=_try_lock, args=(str(tmp_path), answer))
        if held:
            with hold_lock(tmp_path):
                process.start()
                process.join()
        else:
            process.start()
            process.join()
        assert answer.get(timeout=20) is expected


def test_ports_are_kept_while_they_are_free_and_never_given_twice() -> None:
    first = choose_ports({})
    assert set(first) == set(PORT_NAMES)
    assert len(set(first.values())) == len(PORT_NAMES)
    assert choose_ports(first) == first
    with socket_on(first["kafka"]):
        moved = choose_ports(first)
    assert moved["kafka"] != first["kafka"]
    assert {name: port for name, port in moved.items() if name != "kafka"} == {
        name: port for name, port in first.items() if name != "kafka"
    }


class socket_on:  # noqa: N801 - reads as a phrase in `with`
    """Listens on a loopback port while the context is open."""

    def __init__(self, port: int) -> None:
        import socket

        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", port))

    def __enter__(self) -> None:
        self._socket.listen()

    def __exit__(self, *_: object) -> None:
        self._socket.close()


def test_free_ports_leaves_out_what_is_taken() -> None:
    port = free_ports(1)[0]
    assert is_free(port)
    with socket_on(port):
        assert not is_free(port)


def test_secrets_are_made_once_private_and_fit_the_settings(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    made = load_secrets(path)
    assert mode(path) == 0o600
    assert load_secrets(path) == made
    passwords = {own.database_password for own in made.services.values()}
    keys = {key for own in made.services.values() for key in own.field_keys.values()}
    digests = {own.digest_key for own in made.services.values()}
    assert len(passwords) == len(keys) == len(digests) == len(SERVICES)


def test_secrets_of_before_get_the_digest_key_under_which_their_rows_are_known(tmp_path: Path) -> None:
    # Given the file of a release that made digests under the linkage secret
    path = tmp_path / "secrets.json"
    document = load_secrets(path).model_dump()
    for own in document["services"].values():
        del own["digest_key"]
    path.write_text(json.dumps(document))
    # When it is read, twice
    found = load_secrets(path)
    again = load_secrets(path)
    # Then every service has the key of before, and keeps it
    known = LinkageSecret(found.linkage_secret.encode()).hash("intake.digest")
    assert {own.digest_key for own in found.services.values()} == {known}
    assert again == found
    assert mode(path) == 0o600


def environment_of(service: str, secrets: StackSecrets, **keys: Any) -> dict[str, str]:
    """The environment of a service of a stack with these secrets."""
    return service_environment(
        service,
        secrets=secrets,
        database_url="postgresql://x:y@/x?host=/tmp",
        broker="embedded",
        kafka_bootstrap="127.0.0.1:20000",
        jwks_url="http://127.0.0.1:20001/jwks.json",
        http_port=20002,
        hashing_port=20003,
        **keys,
    )


@pytest.mark.parametrize("service", SERVICES)
def test_the_environment_of_a_service_is_one_it_accepts(
    service: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = environment_of(service, load_secrets(tmp_path / "secrets.json"))
    monkeypatch.setattr(os, "environ", environment)
    settings = load_settings(ServiceSettings)
    assert settings.service == service
    assert (settings.hashing_key is None) == (service == "reporting")
    assert settings.hashing_url == (None if service == "reporting" else "http://127.0.0.1:20003")
    assert settings.field_key_current in parse_field_keys(settings.field_keys)
    assert settings.submission_private_key is not None
    assert parse_submission_key(settings.submission_private_key).is_private
    fields = {*ServiceSettings.model_fields, *ReferenceSettings.model_fields}
    known = {f"KHOPSO_{name.upper()}" for name in fields}
    assert {name for name in environment if name.startswith("KHOPSO_")} <= known


def test_the_linkage_secret_is_in_the_environment_of_the_hashing_process_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = load_secrets(tmp_path / "secrets.json")

    def environment(process: ServiceProcess) -> dict[str, str]:
        if process.roles == "hash":
            return hashing_environment(secrets, 20003)
        return environment_of(process.service, secrets)

    given = {process.name: environment(process) for process in SERVICE_PROCESSES}
    given["gateway"] = gateway_environment(secrets, "postgresql://x", choose_ports({}), "http://127.0.0.1:1")
    holders = {
        name: variable
        for name, variables in given.items()
        for variable, value in variables.items()
        if secrets.linkage_secret in value
    }
    assert holders == {"hashing": "KHOPSO_LINKAGE_SECRET"}
    # And it holds nothing else that would be worth stealing
    monkeypatch.setattr(os, "environ", given["hashing"])
    settings = load_settings(HashingSettings)
    assert json.loads(settings.hashing_keys.get_secret_value()) == secrets.hashing_keys
    own = {
        value
        for each in secrets.services.values()
        for value in each.model_dump(exclude={"field_keys"}).values()
    }
    assert not own & set(given["hashing"].values())


def test_the_gateways_environment_makes_valid_settings_and_holds_no_secret_of_a_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets, ports = load_secrets(tmp_path / "secrets.json"), choose_ports({})
    given = gateway_environment(secrets, "postgresql://x", ports, "http://127.0.0.1:1/jwks.json")
    services = secrets.model_dump(exclude={"gateway", "linkage_epoch", "linkage_secret_next"})
    assert not [value for value in given.values() if value in json.dumps(services) and len(value) > 20]
    monkeypatch.setattr(os, "environ", given)
    settings = load_settings(GatewaySettings)
    assert settings.public_url == f"http://127.0.0.1:{ports['gateway']}"
    assert settings.oidc_issuer == f"http://127.0.0.1:{ports['jwks']}"
    assert {name: settings.url_of(name) for name in SERVICES} == {
        name: f"http://127.0.0.1:{ports[name]}" for name in SERVICES
    }


def test_secrets_of_before_get_what_the_gateway_needs_and_keep_it(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    before = load_secrets(path)
    path.write_text(before.model_dump_json(exclude={"gateway"}))
    found = load_secrets(path)
    assert found.services == before.services
    assert load_secrets(path) == found


def test_secrets_of_before_get_the_keys_of_the_hashing_process_and_keep_the_linkage_secret(
    tmp_path: Path,
) -> None:
    path = tmp_path / "secrets.json"
    before = load_secrets(path)
    path.write_text(before.model_dump_json(exclude={"hashing_keys"}))
    found = load_secrets(path)
    assert found.linkage_secret == before.linkage_secret
    assert found.services == before.services
    assert set(found.hashing_keys) == set(SERVICES) - {"reporting"}
    assert load_secrets(path) == found


def test_the_office_key_is_made_once_private_and_given_to_reporting_alone(tmp_path: Path) -> None:
    private, public = tmp_path / "key.pem", tmp_path / "key.pub.pem"
    made = load_signing_key(private, public)
    assert mode(private) == 0o600
    assert load_signing_key(private, public) == made
    assert "PRIVATE" not in public.read_text(encoding="utf-8")
    given = {
        service: environment_of(service, load_secrets(tmp_path / "secrets.json"), signing_key=made).get(
            "KHOPSO_SIGNING_KEY"
        )
        for service in SERVICES
    }
    assert given == {service: made if service == "reporting" else None for service in SERVICES}
    key = parse_signing_key(SecretStr(made))
    assert public_key(public.read_bytes()).halves == (key.public_key(),)


def test_every_service_signs_its_audit_with_a_key_of_its_own_made_once(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    made = {service: load_signing_key(*layout.audit_key(service)) for service in SERVICES}
    assert len(set(made.values())) == len(SERVICES)
    for service, key in made.items():
        private, public = layout.audit_key(service)
        assert load_signing_key(private, public) == key
        assert mode(private) == 0o600
        given = environment_of(service, load_secrets(tmp_path / "secrets.json"), audit_key=key)
        assert given["KHOPSO_AUDIT_SIGNING_KEY"] == key


def test_a_token_names_unit_area_and_role_and_ends(tmp_path: Path) -> None:
    issuer = Issuer(tmp_path / "key.json")
    assert mode(tmp_path / "key.json") == 0o600
    again = Issuer(tmp_path / "key.json")
    token = again.mint("police:288", "clerk", "288", ttl_seconds=60)
    decoded = jwt.decode(token, KeySet.import_key_set(issuer.public_jwks()), algorithms=[ALGORITHM])  # type: ignore[arg-type]
    principal = principal_of(decoded.claims)
    assert (principal.unit, principal.area, principal.role) == ("police:288", "288", "clerk")
    assert (decoded.claims["iss"], decoded.claims["aud"]) == (ISSUER, AUDIENCE)
    assert 0 < decoded.claims["exp"] - decoded.claims["iat"] <= 60


def test_only_the_public_half_of_the_key_is_served(tmp_path: Path) -> None:
    import httpx

    issuer = Issuer(tmp_path / "key.json")
    server = KeyServer(issuer.public_jwks(), free_ports(1)[0])
    server.start()
    try:
        keys = httpx.get(server.url, trust_env=False).json()["keys"]
        assert httpx.get(server.url.replace("jwks", "secrets"), trust_env=False).status_code == 404
    finally:
        server.stop()
    assert keys == issuer.public_jwks()["keys"]
    assert "d" not in keys[0]
