"""Software of a unit has no name by which it would have rights of a service."""

import pytest
from pydantic import ValidationError

from contracts.topics import SERVICES
from deploy.kafka.access_settings import AccessSettings
from deploy.kafka.rights import Pattern, Resource, rights_of, rights_of_unit


def named(name: str) -> AccessSettings:
    """The settings with software of this name."""
    unit = {"password": "p", "services": ["treatment"]}
    passwords = dict.fromkeys(SERVICES, "p")
    return AccessSettings.model_validate({"bootstrap": "b:1", "passwords": passwords, "units": {name: unit}})


@pytest.mark.parametrize("name", ["registry", "registry-person", "treatment-submissions", "reporting-"])
def test_a_unit_does_not_begin_with_the_name_of_a_service(name: str) -> None:
    with pytest.raises(ValidationError, match="name of a service"):
        named(name)


@pytest.mark.parametrize("name", ["clinic-04", "registryx", "reg", "ttyt-registry"])
def test_a_unit_reaches_no_group_of_a_service(name: str) -> None:
    assert list(named(name).units) == [name]
    groups = [right.name for right in rights_of_unit(name, ["treatment"]) if right.resource is Resource.GROUP]
    assert set(groups) == {f"{name}-"}
    services = {right for service in SERVICES for right in rights_of(service)}
    for other in services:
        if other.resource is Resource.GROUP and other.pattern is Pattern.PREFIXED:
            assert not groups[0].startswith(other.name)
            assert not other.name.startswith(groups[0])
