"""docker-compose.yml, checked against the code: no container engine needed to know that its parts exist."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.compose_env import environment, main, read_env
from deploy.embedded.state import SERVICES
from deploy.kafka.access_settings import AccessSettings
from reference.settings import ReferenceSettings
from services.chassis.runtime.settings import PREFIX, ServiceSettings, load_settings
from services.chassis.service import ROLES
from services.gateway.settings import GatewaySettings
from services.linkage import LinkageSecret
from services.registry.hashing import HashingSettings
from services.reporting.settings import ReportingSettings
from tests.support import keycloak
from tests.support.routes import OPEN_PATHS

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
CONTAINERS: dict[str, dict[str, Any]] = COMPOSE["services"]
ACCESS = CONTAINERS["kafka-access"]
HASHING = CONTAINERS["registry-hash"]
GATEWAY, GATEWAY_MIGRATE = CONTAINERS["gateway-api"], CONTAINERS["gateway-migrate"]
OURS = {
    name: container
    for name, container in CONTAINERS.items()
    if container["image"].startswith("khopso:")
    and container not in (ACCESS, HASHING, GATEWAY, GATEWAY_MIGRATE)
}
RUNNING = {name: container for name, container in OURS.items() if not name.endswith("-migrate")}
DOCKERFILE = (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8")
OUTSIDE = (ROOT / "deploy/outside-broker.yml").read_text(encoding="utf-8")
_VARIABLE = re.compile(r"\$\{(\w+)(:[?+-])?([^}]*)\}")


def filled_in(text: str, values: dict[str, str]) -> str:
    """What compose makes of a text: a variable's value, its default where it is not set, an addition where it is."""

    def value(found: re.Match[str]) -> str:
        name, kind, other = found.groups()
        given = values.get(name, "")
        if kind == ":+":
            return other if given else ""
        assert given or kind == ":-", f"{name} is needed"
        return given or other

    return _VARIABLE.sub(value, text)


def all_values(**more: str) -> dict[str, str]:
    """A whole .env."""
    identity = {
        "JWKS_URL": "https://id.example/jwks",
        "TOKEN_ISSUER": "https://id.example",
        "TOKEN_AUDIENCE": "khopso",
        "OIDC_ISSUER": "https://id.example",
        "OIDC_CLIENT_ID": "khopso-pages",
        "PUBLIC_URL": "https://khopso.example",
    }
    return environment() | identity | more


def test_every_service_runs_in_every_role_and_migrates_first() -> None:
    assert set(OURS) == {f"{service}-{role}" for service in SERVICES for role in ("migrate", *ROLES)}
    for name, container in RUNNING.items():
        migration = f"{name.rsplit('-', 1)[0]}-migrate"
        assert container["depends_on"][migration]["condition"] == "service_completed_successfully"


@pytest.mark.parametrize("name", sorted(OURS))
def test_commands_exist_in_the_code(name: str) -> None:
    module, role = OURS[name]["command"]
    service, wanted = name.rsplit("-", 1)
    assert (module, role) == (f"services.{service}", wanted)
    assert (ROOT / module.replace(".", "/") / "__main__.py").exists()
    assert role in (*ROLES, "migrate")
    assert 'ENTRYPOINT ["python", "-m"]' in DOCKERFILE


@pytest.mark.parametrize("name", sorted(OURS))
def test_variables_are_settings_and_make_valid_ones(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_of(name, all_values(), monkeypatch)
    assert settings.kafka_bootstrap == "kafka:9092"
    assert settings.kafka_security_protocol == "SASL_PLAINTEXT"
    assert settings.kafka_username == settings.service
    assert settings.service == name.rsplit("-", 1)[0]
    assert settings.database_url.get_secret_value().endswith(f"@postgres:5432/{settings.service}")


def settings_of(name: str, values: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> ServiceSettings:
    """What a container's process reads."""
    given = OURS[name]["environment"]
    kind = ReportingSettings if given["KHOPSO_SERVICE"] == "reporting" else ServiceSettings
    named = {*kind.model_fields, *ReferenceSettings.model_fields}
    fields = {f"{PREFIX}{field.upper()}" for field in named}
    assert set(given) <= fields
    for variable in fields:
        monkeypatch.delenv(variable, raising=False)
    for variable, value in given.items():
        monkeypatch.setenv(variable, filled_in(value, values))
    return load_settings(kind)


def test_a_kafka_elsewhere_is_reached_with_its_certificate_and_password_and_ours_stays_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    named = {found[1]: found[2].strip() for found in re.finditer(r"#   (\w+)=([^#\n]+)", OUTSIDE)}
    used = {found[1] for found in _VARIABLE.finditer(TEXT)}
    assert set(named) - {"COMPOSE_FILE"} <= used
    for container in OURS.values():
        mounted = filled_in(container["volumes"][0], all_values(**named))
        assert mounted == f"{named['KAFKA_CA_FILE']}:/run/kafka-ca.pem:ro"
        inside = filled_in(container["environment"]["KHOPSO_KAFKA_CA_FILE"], named)
        assert inside == "/run/kafka-ca.pem"
    del named["KAFKA_CA_FILE"]  # not on this machine
    settings = settings_of("registry-relay", all_values(**named), monkeypatch)
    assert settings.kafka_security_protocol == "SASL_SSL"
    assert settings.kafka_password is not None
    assert settings.kafka_replication == 3
    away = yaml.safe_load(OUTSIDE)["services"]
    assert away["kafka"]["profiles"] == away["kafka-access"]["profiles"]
    for container in RUNNING.values():
        assert container["depends_on"]["kafka"]["required"] is False
        assert container["depends_on"]["kafka-access"]["required"] is False


def test_every_service_has_its_own_name_and_right_on_kafka_and_the_network_reaches_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    values = all_values(KAFKA_UNITS='{"clinic-04": {"password": "p", "services": ["treatment"]}}')
    for variable, value in ACCESS["environment"].items():
        monkeypatch.setenv(variable, filled_in(value, values))
    access = AccessSettings()
    for service in SERVICES:
        settings = settings_of(f"{service}-relay", values, monkeypatch)
        assert settings.kafka_password is not None
        assert access.credentials()[service] == settings.kafka_password.get_secret_value()
    assert access.units["clinic-04"].services == ["treatment"]
    broker = CONTAINERS["kafka"]["environment"]
    listeners = dict(each.split("://") for each in broker["KAFKA_LISTENERS"].split(","))
    protocols = dict(each.split(":") for each in broker["KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"].split(","))
    for name, address in listeners.items():
        assert protocols[name].startswith("SASL") or address.startswith("127.0.0.1:")
    assert broker["KAFKA_ALLOW_EVERYONE_IF_NO_ACL_FOUND"] == "false"
    assert ACCESS["command"] == ["deploy.kafka.access", "apply"]
    assert ACCESS["network_mode"] == "service:kafka"
    assert access.bootstrap == listeners["LOCAL"]


def test_every_secret_must_be_given_and_the_generator_gives_each() -> None:
    used = {found[1]: found[2] for found in _VARIABLE.finditer(TEXT) if found[2] not in (":-", ":+")}
    assert set(used.values()) == {":?"}
    assert set(used) == set(environment())


def test_the_file_of_an_earlier_release_gets_the_lines_that_it_lacks_and_keeps_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # Given a file that has all but the passwords of Kafka
    before = {name: value for name, value in environment().items() if "KAFKA" not in name}
    file = tmp_path / ".env"
    file.write_text("# secret\n" + "".join(f"{name}='{value}'\n" for name, value in before.items()))
    # When the missing lines are asked for
    main([str(file)])
    file.write_text(file.read_text() + capsys.readouterr().out)
    # Then it has every variable, and what it had is as it was
    assert set(read_env(file.read_text())) == set(environment())
    assert {name: value for name, value in read_env(file.read_text()).items() if name in before} == before


def test_no_two_services_share_a_secret_and_the_linkage_secret_is_in_the_hashing_process_alone() -> None:
    values = [value for value in environment().values() if value]
    assert len(values) == len(set(values))
    holders = [name for name, container in CONTAINERS.items() if "LINKAGE_SECRET" in str(container)]
    assert holders == ["registry-hash"]


def test_the_hashing_process_is_reached_by_the_services_with_persons_alone_each_with_its_own_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    values = all_values()
    for variable, value in HASHING["environment"].items():
        monkeypatch.setenv(variable, filled_in(value, values))
    settings = load_settings(HashingSettings)
    keys = json.loads(settings.hashing_keys.get_secret_value())
    assert HASHING["command"] == ["services.registry", "hash"]
    assert "ports" not in HASHING
    assert HASHING["networks"] == ["hashing"]
    assert COMPOSE["networks"]["hashing"] == {"internal": True}
    for name, container in OURS.items():
        found = settings_of(name, values, monkeypatch)
        asks = found.service != "reporting"
        assert ("hashing" in container.get("networks", ())) == asks
        assert (found.hashing_key is not None) == asks
        if found.hashing_key is not None:
            assert found.hashing_key.get_secret_value() == keys[found.service]
            assert found.hashing_url == f"http://registry-hash:{settings.http_port}"
    assert len(keys) == 3


def test_the_gateway_reaches_every_service_and_its_metrics_are_not_where_the_pages_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Given the environment that compose gives it, with all lines filled in
    fields = {f"{PREFIX}{field.upper()}" for field in (*GatewaySettings.model_fields, "province")}
    assert set(GATEWAY["environment"]) <= fields
    for variable, value in GATEWAY["environment"].items():
        monkeypatch.setenv(variable, filled_in(value, all_values()))
    # When its process reads it
    settings = load_settings(GatewaySettings)
    # Then each service's address is that of its container, and Prometheus asks another port than browsers
    for service in SERVICES:
        port = CONTAINERS[f"{service}-api"]["environment"]["KHOPSO_HTTP_PORT"]
        assert settings.url_of(service) == f"http://{service}-api:{port}"
    assert settings.database_url.get_secret_value().endswith("@postgres:5432/gateway")
    assert settings.oidc_client_secret is None
    assert settings.secure
    config = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text(encoding="utf-8"))
    jobs = {job["job_name"]: job["static_configs"][0]["targets"] for job in config["scrape_configs"]}
    assert jobs["gateway"] == [f"gateway-api:{settings.operations_port}"]
    assert GATEWAY["ports"] == [f"127.0.0.1:8100:{settings.http_port}"]
    assert GATEWAY["command"] == ["services.gateway", "api"]
    assert GATEWAY_MIGRATE["command"] == ["services.gateway", "migrate"]
    assert GATEWAY["depends_on"]["gateway-migrate"]["condition"] == "service_completed_successfully"
    # And it holds no secret of any service
    own = {name for name, value in GATEWAY["environment"].items() if "PASSWORD" in value or "KEY" in value}
    assert own == {"KHOPSO_DATABASE_URL", "KHOPSO_FIELD_KEYS", "KHOPSO_FIELD_KEY_CURRENT"}


def test_a_file_of_before_gets_the_digest_key_under_which_its_rows_are_known(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / ".env"
    file.write_text(f"LINKAGE_SECRET='{'l' * 64}'\n")
    main([str(file)])
    added = read_env(capsys.readouterr().out)
    known = LinkageSecret(b"l" * 64).hash("intake.digest")
    assert {added[f"{service.upper()}_DIGEST_KEY"] for service in SERVICES} == {known}


def test_ports_and_health_checks_are_those_of_the_service() -> None:
    for name, container in RUNNING.items():
        port = container["environment"]["KHOPSO_HTTP_PORT"]
        found = re.search(r"http://127\.0\.0\.1:(\d+)(/\w+)", container["healthcheck"]["test"][-1])
        assert found is not None
        assert found[1] == port
        assert found[2] in OPEN_PATHS
        assert f"EXPOSE {port}" in DOCKERFILE
        assert bool(container.get("ports")) == name.endswith("-api")
        for published in container.get("ports", ()):
            assert published.startswith("127.0.0.1:")
            assert published.endswith(f":{port}")
    published = [port for container in CONTAINERS.values() for port in container.get("ports", ())]
    assert len({port.split(":")[1] for port in published}) == len(published)


def test_prometheus_scrapes_every_running_role() -> None:
    config = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text(encoding="utf-8"))
    targets = {
        target: group.get("labels", {})
        for job in config["scrape_configs"]
        for group in job["static_configs"]
        for target in group["targets"]
        if job["job_name"] in SERVICES
    }
    assert set(targets) == {
        f"{name}:{container['environment']['KHOPSO_HTTP_PORT']}"
        for name, container in {**RUNNING, "registry-hash": HASHING}.items()
    }
    for target, labels in targets.items():
        assert f"{labels['service']}-{labels['role']}" == target.split(":")[0]
    assert "/metrics" in OPEN_PATHS  # Prometheus' default path


def test_paths_exist() -> None:
    for container in CONTAINERS.values():
        for volume in container.get("volumes", ()):
            source = filled_in(volume, {}).split(":")[0]
            known = (
                (ROOT / source).exists() if source.startswith((".", "/")) else source in COMPOSE["volumes"]
            )
            assert known, source
    assert (ROOT / COMPOSE["x-service"]["build"]["dockerfile"]).exists()
    for line in DOCKERFILE.splitlines():
        if line.startswith("COPY"):
            for source in shlex.split(line)[1:-1]:
                assert (ROOT / source).exists()


def test_nobody_is_root_everything_restarts_and_is_watched() -> None:
    for name, container in CONTAINERS.items():
        assert int(container["user"].split(":")[0]) > 0
        if name.endswith("-migrate") or container is ACCESS:
            assert container["restart"] == "on-failure"
            continue
        assert container["restart"] == "unless-stopped"
        assert container["healthcheck"]["test"]
    assert re.search(r"^USER 10001", DOCKERFILE, re.MULTILINE)


def test_containers_are_given_the_time_that_a_service_takes_to_stop() -> None:
    grace = ServiceSettings.model_fields["stop_grace_seconds"].default
    for container in RUNNING.values():
        assert int(container["stop_grace_period"].removesuffix("s")) >= grace


def test_the_database_script_makes_what_the_services_connect_to() -> None:
    script = (ROOT / "deploy/postgres/init-services.sh").read_text(encoding="utf-8")
    listed = re.search(r"for service in ([\w ]+);", script)
    assert listed is not None
    assert set(listed[1].split()) == {*SERVICES, "gateway"}
    given = CONTAINERS["postgres"]["environment"]
    assert {f"{service.upper()}_DB_PASSWORD" for service in (*SERVICES, "gateway")} <= set(given)
    assert "REVOKE ALL ON DATABASE" in script
    assert (ROOT / "deploy/postgres/init-services.sh").stat().st_mode & 0o111


def test_keycloak_beside_it_has_what_its_realm_names_and_takes_what_the_gateway_is_told() -> None:
    # Given the realm and the containers that import it
    beside = yaml.safe_load((ROOT / "deploy/keycloak/compose.yml").read_text(encoding="utf-8"))["services"]
    realm = json.loads((ROOT / "deploy/keycloak/realm.json").read_text(encoding="utf-8"))
    # Then every placeholder of the realm is a variable of the container
    named = set(re.findall(r"\$\{(\w+)\}", json.dumps(realm)))
    given = beside["keycloak"]["environment"]
    assert named <= given.keys()
    assert set(beside["keycloak"]["depends_on"]) <= beside.keys()
    # And the version is the one that was tried
    assert beside["keycloak"]["image"].endswith(f":{keycloak.VERSION}")
