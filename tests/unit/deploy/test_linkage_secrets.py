"""The linkage secret of an embedded stack: a next one is made, takes the place of the former one, and is given to one process."""

import json
import stat
from pathlib import Path

from deploy.embedded.layout import hashing_environment
from deploy.embedded.secrets import begin_rotation, end_rotation, give_up_rotation, load_secrets


def test_a_rotation_that_is_begun_or_ended_twice_is_one(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    before = load_secrets(path)
    begin_rotation(path)
    both = load_secrets(path)
    begin_rotation(path)
    assert load_secrets(path) == both
    assert both.linkage_secret == before.linkage_secret
    assert both.linkage_secret_next not in (None, before.linkage_secret)
    end_rotation(path)
    end_rotation(path)
    after = load_secrets(path)
    assert (after.linkage_secret, after.linkage_secret_next, after.linkage_epoch) == (
        both.linkage_secret_next,
        None,
        2,
    )
    # Nothing else changes, and the former secret is nowhere in the folder.
    assert after.services == before.services
    assert after.hashing_keys == before.hashing_keys
    assert not [file for file in tmp_path.iterdir() if before.linkage_secret in file.read_text()]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_rotation_that_is_given_up_leaves_the_former_secret(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    before = load_secrets(path)
    begin_rotation(path)
    give_up_rotation(path)
    assert load_secrets(path) == before


def test_the_file_of_an_earlier_release_is_of_the_first_epoch(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    document = json.loads(load_secrets(path).model_dump_json())
    del document["linkage_epoch"], document["linkage_secret_next"]
    path.write_text(json.dumps(document))
    assert load_secrets(path).linkage_epoch == 1


def test_the_hashing_process_has_the_next_secret_during_a_rotation_alone(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    assert "KHOPSO_LINKAGE_SECRET_NEXT" not in hashing_environment(load_secrets(path), 1)
    begin_rotation(path)
    found = load_secrets(path)
    environment = hashing_environment(found, 1)
    assert environment["KHOPSO_LINKAGE_SECRET_NEXT"] == found.linkage_secret_next
    assert environment["KHOPSO_LINKAGE_EPOCH"] == "1"
