"""Settings of a service: environment variables ``KHOPSO_…``, checked at start, all faults reported at once."""

import ssl
import sys
from base64 import b64decode
from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn, Self, TypeVar

from joserfc import jwk
from joserfc.errors import JoseError
from pydantic import Field, FilePath, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from proof import parse_signing_key
from reference import PackError, check_province, province

PREFIX = "KHOPSO_"
EXIT_BAD_SETTINGS = 78  # EX_CONFIG of sysexits.h
Seconds = Annotated[float, Field(gt=0, le=86_400)]
Milliseconds = Annotated[int, Field(gt=0, le=600_000)]
Settings = TypeVar("Settings", bound="ProcessSettings")


class SettingsError(Exception):
    """The environment does not make a valid configuration. ``faults`` has one line per variable, no values."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(["settings are not valid:", *(f"  {fault}" for fault in faults)]))
        self.faults = faults


class ProcessSettings(BaseSettings):
    """What every process needs that answers over HTTP. Secrets are SecretStr and appear in no log and no error."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="ignore", hide_input_in_errors=True, frozen=True, env_ignore_empty=True
    )

    service: str = Field(pattern=r"^[a-z][a-z_]{1,30}$")

    http_host: str = "127.0.0.1"
    http_port: int = Field(default=8000, ge=0, le=65_535)
    http_max_body_bytes: int = Field(default=20_000_000, ge=1_024, le=1_000_000_000)
    http_max_connections: int = Field(default=1_000, ge=8, le=100_000)
    http_head_seconds: Seconds = 10  # a request's line and headers must be there within them
    http_body_seconds: Seconds = 120
    http_keep_alive_seconds: int = Field(default=15, ge=1, le=3_600)
    http_trusted_proxies: str | None = None  # addresses whose X-Forwarded-For is believed, joined by commas

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    otlp_endpoint: str | None = Field(default=None, pattern=r"^https?://")  # without it nothing is traced
    trace_ratio: float = Field(default=1.0, ge=0, le=1)  # of the traces that begin here, those that are sent
    heartbeat_limit_seconds: Seconds = 60
    drain_seconds: Seconds = 10
    graceful_seconds: Seconds = 20
    stop_grace_seconds: Seconds = 30


class StoringSettings(ProcessSettings):
    """What a process needs that has a database, encrypts what is personal in it, and knows callers by their tokens."""

    database_url: SecretStr
    database_pool_size: int = Field(default=8, ge=2, le=100)
    database_connect_timeout_seconds: Seconds = 10
    database_statement_timeout_seconds: Seconds = 120

    field_keys: SecretStr
    field_key_current: str = Field(min_length=1, max_length=64)

    jwks_url: str = Field(pattern=r"^https?://")
    token_issuer: str = Field(min_length=1)
    token_audience: str = Field(min_length=1)
    jwks_cache_seconds: Seconds = 300
    token_max_lifetime_seconds: Seconds = 28_800

    operations_host: str = "127.0.0.1"
    operations_port: int | None = Field(
        default=None, ge=0, le=65_535
    )  # /metrics, /docs, /openapi.json move there

    @field_validator("database_url")
    @classmethod
    def _postgresql(cls, value: SecretStr) -> SecretStr:
        if not value.get_secret_value().startswith(("postgresql://", "postgresql+psycopg://")):
            raise ValueError("must start with postgresql://")
        return value

    @field_validator("field_keys")
    @classmethod
    def _keys(cls, value: SecretStr) -> SecretStr:
        parse_field_keys(value)
        return value

    @model_validator(mode="after")
    def _the_current_key_is_one_of_them(self) -> Self:
        if self.field_key_current not in parse_field_keys(self.field_keys):
            raise ValueError("field_key_current names no key of field_keys")
        return self


class ServiceSettings(StoringSettings):
    """What a service needs from its surroundings."""

    kafka_bootstrap: str = Field(pattern=r"^[\w.\-]+:[0-9]+(,[\w.\-]+:[0-9]+)*$")
    kafka_flavour: Literal["kafka", "embedded"] = "kafka"
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    kafka_username: str | None = Field(default=None, min_length=1)
    kafka_password: SecretStr | None = None
    kafka_ca_file: FilePath | None = None
    backup_note: Path | None = None
    kafka_replication: int = Field(default=1, ge=1, le=5)
    kafka_send_timeout_seconds: Seconds = 15
    kafka_request_timeout_seconds: Seconds = 10
    kafka_session_timeout_seconds: Seconds = 10
    kafka_max_message_bytes: int = Field(default=4_194_304, ge=65_536, le=67_108_864)

    lease_seconds: Seconds = 10
    relay_poll_milliseconds: Milliseconds = 40
    relay_batch_rows: int = Field(default=2_000, ge=1, le=50_000)
    log_check_seconds: Seconds = 1.5
    consume_batch_records: int = Field(default=5_000, ge=1, le=50_000)
    consume_retry_attempts: int = Field(default=5, ge=1, le=100)
    consume_backoff_max_seconds: Seconds = 5
    dead_letter_retention_days: int = Field(default=30, ge=1, le=365)
    # So long may a submission lie on the log before its token must still be valid when it is read.
    submission_waiting_seconds: float = Field(default=7 * 86_400, ge=0, le=30 * 86_400)
    dead_letter_limit: int = Field(default=100, ge=1, le=100_000)

    step_up_seconds: Seconds = 900  # how fresh a sign-in must be for what asks for a fresh one
    refusals_per_minute: int = Field(default=60, ge=1, le=1_000_000)  # of tokens, from one address

    hashing_url: str | None = Field(default=None, pattern=r"^https?://")  # only where persons are linked
    hashing_key: SecretStr | None = None  # by which the hashing process knows this service
    hashing_seconds: Seconds = 5
    linkage_secret: SecretStr | None = None  # refused: the hashing process alone holds it
    digest_key: SecretStr
    submission_private_key: SecretStr | None = None
    audit_signing_key: SecretStr | None = None
    audit_signing_key_id: str | None = Field(default=None, min_length=1, max_length=64)

    standing_limit_seconds: Seconds = 120

    @field_validator("hashing_key", "digest_key")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        return None if value is None else long_enough(value)

    @field_validator("linkage_secret")
    @classmethod
    def _only_where_it_hashes(cls, value: SecretStr | None) -> SecretStr | None:
        # With the secret and the log, national IDs can be looked up: nobody holds it who has no use for it.
        if value is not None:
            raise ValueError("the hashing process alone holds it: take the secret out of this environment")
        return value

    @field_validator("audit_signing_key")
    @classmethod
    def _ed25519_audit(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            parse_signing_key(value)
        return value

    @field_validator("submission_private_key")
    @classmethod
    def _private_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            parse_submission_key(value)
        return value

    @field_validator("kafka_ca_file")
    @classmethod
    def _certificates(cls, value: FilePath | None) -> FilePath | None:
        if value is None:
            return None
        try:
            ssl.create_default_context(cafile=value)
        except (ssl.SSLError, OSError):
            raise ValueError("must be a readable file of CA certificates in PEM") from None
        return value

    @model_validator(mode="after")
    def _kafka_is_reached_as_said(self) -> Self:
        """Refuse settings that the chosen protocol does not use: otherwise connections might be unencrypted by mistake."""
        sasl, tls = (word in self.kafka_security_protocol for word in ("SASL", "SSL"))
        if sasl != bool(self.kafka_username) or sasl != bool(self.kafka_password):
            raise ValueError(
                "kafka_username and kafka_password belong to SASL_PLAINTEXT and SASL_SSL, both of them"
            )
        if self.kafka_ca_file is not None and not tls:
            raise ValueError("kafka_ca_file belongs to SSL and SASL_SSL")
        return self

    @property
    def certificate_files(self) -> dict[str, FilePath]:
        """Return the files of certificates that it is started with, by the setting that names each."""
        return {} if self.kafka_ca_file is None else {"kafka_ca_file": self.kafka_ca_file}

    @model_validator(mode="after")
    def _hashing_is_reached_with_a_key(self) -> Self:
        if (self.hashing_url is None) != (self.hashing_key is None):
            raise ValueError("hashing_url and hashing_key belong together")
        return self

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        # Each limit must leave time for the one before it, or the process is killed in the middle of its work.
        if not self.drain_seconds < self.graceful_seconds < self.stop_grace_seconds:
            raise ValueError("budgets must add up: drain_seconds < graceful_seconds < stop_grace_seconds")
        return self


def long_enough(secret: SecretStr) -> SecretStr:
    """Return the secret; ValueError where it is so short that it could be found by trying."""
    if len(secret.get_secret_value().encode()) < 32:
        raise ValueError("must have at least 32 bytes")
    return secret


def parse_field_keys(secret: SecretStr) -> dict[str, bytes]:
    """Return the AES-256 keys by id from ``{"id": "base64 of 32 bytes", …}``; ValueError that shows no key."""
    import orjson

    try:
        document = orjson.loads(secret.get_secret_value())
    except orjson.JSONDecodeError:
        # Without the cause: the parser's error holds the text, and the text is a secret.
        raise ValueError('must be JSON: {"key id": "base64 of 32 bytes"}') from None
    if not isinstance(document, dict) or not document:
        raise ValueError('must be a JSON object with at least one key: {"key id": "base64 of 32 bytes"}')
    keys: dict[str, bytes] = {}
    for name, text in document.items():
        try:
            key = b64decode(text, validate=True) if isinstance(text, str) else b""
        except ValueError:
            key = b""
        if len(key) != 32 or len(name.encode()) > 64:
            raise ValueError(f"key {name[:64]!r} is not base64 of 32 bytes")
        keys[name] = key
    return keys


def parse_submission_key(secret: SecretStr) -> jwk.ECKey:
    """Return the private EC key (P-256, P-384 or P-521 as JWK) that opens submissions; ValueError that shows no key."""
    import orjson

    try:
        document = orjson.loads(secret.get_secret_value())
        key = jwk.import_key(document, "EC")
    except (orjson.JSONDecodeError, JoseError, ValueError, TypeError, KeyError):
        raise ValueError("must be a private EC key as JWK JSON") from None
    if not isinstance(key, jwk.ECKey) or not key.is_private:
        raise ValueError("must be a private EC key as JWK JSON")
    return key


def load_settings(kind: type[Settings], **given: Any) -> Settings:
    """Read the environment; ``given`` wins over it. SettingsError lists every fault, never a value."""
    try:
        return kind(**given)
    except ValidationError as invalid:
        faults = []
        for error in invalid.errors(include_url=False, include_input=False, include_context=False):
            name = "_".join(str(part) for part in error["loc"])
            variable = f"{PREFIX}{name.upper()}" if name else "together"
            faults.append(f"{variable}: {error['msg']}")
        raise SettingsError(faults) from None


def load_or_exit(kind: type[Settings], **given: Any) -> Settings:
    """Load the settings, or end the process with status 78 after writing the faults to standard error."""
    try:
        return load_settings(kind, **given)
    except SettingsError as faults:
        _exit(faults)


def check_province_or_exit(forms: Collection[str]) -> None:
    """Check the pack of the province that is served; ends the process with status 78 where it is not valid."""
    try:
        check_province(province(), forms)
    except PackError as faults:
        _exit(faults)


def _exit(faults: SettingsError | PackError) -> NoReturn:
    # Logs are set up only after these checks: their level is one of the settings.
    sys.stderr.write(f"{faults}\n")
    raise SystemExit(EXIT_BAD_SETTINGS)
