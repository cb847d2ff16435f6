"""The settings of the command line, read from the environment."""

from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from deploy.embedded import SERVICES, default_data_dir


class CliSettings(BaseSettings):
    """`KHOPSO_DATA_DIR`, and for a deployment elsewhere `KHOPSO_TOKEN` and `KHOPSO_<SERVICE>_URL`.

    `KHOPSO_LANG` is the language that it speaks: vi, en, or both side by side.
    `KHOPSO_<SERVICE>_DATABASE_URL` (all four) are the databases that are backed up where they are not the local stack's,
    `KHOPSO_BACKUP_KEY` the file with the office's public key that the secrets are encrypted to, `KHOPSO_BACKUP_SIGNING_KEY`
    the private key that signs a back-up where it is not the local stack's, `KHOPSO_BACKUP_SIGNED_BY` its public half,
    `KHOPSO_BACKUP_NOTE` the file in which the last one is noted for the services.
    `KHOPSO_PURPOSE` is what one reads for, a code of the province's list: the services keep it in their audit of reads.
    """

    model_config = SettingsConfigDict(env_prefix="KHOPSO_", extra="ignore", env_ignore_empty=True)

    data_dir: Path | None = None
    token: SecretStr | None = None
    purpose: str | None = None
    lang: str = "both"
    registry_url: str | None = None
    treatment_url: str | None = None
    incidents_url: str | None = None
    reporting_url: str | None = None
    registry_database_url: SecretStr | None = None
    treatment_database_url: SecretStr | None = None
    incidents_database_url: SecretStr | None = None
    reporting_database_url: SecretStr | None = None
    backup_key: Path | None = None
    backup_signing_key: Path | None = None
    backup_signed_by: Path | None = None
    backup_note: Path | None = None

    def urls(self) -> dict[str, str]:
        """Return the addresses given, by service."""
        given = {name: getattr(self, f"{name}_url") for name in SERVICES}
        return {name: url.rstrip("/") for name, url in given.items() if url}

    def database_urls(self) -> dict[str, str]:
        """Return the databases given, by service."""
        given = {name: getattr(self, f"{name}_database_url") for name in SERVICES}
        return {name: url.get_secret_value() for name, url in given.items() if url}


def chosen_data_dir(option: Path | None) -> Path:
    """Return `--data-dir`, else `KHOPSO_DATA_DIR`, else the default under the user's data directory."""
    return (option or CliSettings().data_dir or default_data_dir()).expanduser().absolute()
