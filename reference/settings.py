"""Which province a process serves: the one setting that reference data take from the environment."""

from pydantic_settings import BaseSettings, SettingsConfigDict

from provinces import DEFAULT


class ReferenceSettings(BaseSettings):
    """``KHOPSO_PROVINCE``: the name of a pack below ``provinces/``, or the path of a folder that is one."""

    model_config = SettingsConfigDict(env_prefix="KHOPSO_", extra="ignore", env_ignore_empty=True)

    province: str = DEFAULT
