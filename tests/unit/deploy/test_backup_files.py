"""The files of a back-up: secrets that one key opens, a manifest that notices every change, an order that follows the topics."""

import json
from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from contracts.topics import FACT_TOPICS, LINKAGE_TOPICS, TOPICS
from deploy.backup import (
    CHAIN_FILE,
    ORDER,
    SECRETS_FILE,
    SIGNATURE_FILE,
    DamagedBackupError,
    Evidence,
    Manifest,
    OfficeKeyError,
    Outbox,
    ServiceDump,
    SignatureError,
    check_signature,
    digest,
    dump_file,
    open_files,
    read_manifest,
    seal_files,
    signing_by,
    thumbprint,
    write_manifest,
    write_signed,
)
from deploy.embedded.layout import Layout
from deploy.embedded.secrets import load_secrets, load_signing_key
from deploy.embedded.state import SERVICES
from proof import public_key
from tests.support.packs import PROVINCE_UID

FILES = {"secrets.json": b'{"linkage_secret": "x"}', "closing-key.pem": b"\x00\xff"}
_READERS = {"reporting": FACT_TOPICS, "registry": LINKAGE_TOPICS}


def pair() -> tuple[bytes, bytes]:
    """A private key and its public half, as PEM."""
    private = ec.generate_private_key(ec.SECP256R1())
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), public


@pytest.mark.parametrize("reader", _READERS)
def test_whoever_reads_anothers_events_is_dumped_before_it(reader: str) -> None:
    read = {TOPICS[name].owner for name in _READERS[reader]} - {reader}
    assert set(ORDER) == set(SERVICES)
    assert all(ORDER.index(reader) < ORDER.index(owner) for owner in read)


def test_the_private_key_opens_what_the_public_one_sealed() -> None:
    private, public = pair()
    sealed = seal_files(FILES, public)
    assert "linkage" not in sealed
    assert open_files(sealed, private) == FILES


def test_no_other_key_opens_it_and_no_changed_byte_is_believed() -> None:
    private, public = pair()
    sealed = seal_files(FILES, public)
    head, *rest = sealed.split(".")
    changed = ".".join(
        [head, *rest[:-2], rest[-2][:-2] + ("AA" if rest[-2][-2:] != "AA" else "BB"), rest[-1]]
    )
    for text, key in (
        (sealed, pair()[0]),
        (changed, private),
        ("", private),
        (sealed, b"no key"),
        (sealed, public),
    ):
        with pytest.raises(OfficeKeyError):
            open_files(text, key)


def test_only_a_public_ec_key_is_taken_for_the_offices() -> None:
    private, public = pair()
    other = rsa.generate_private_key(65537, 2048).public_key()
    pem = other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for wrong in (private, pem, b"no key"):
        with pytest.raises(OfficeKeyError):
            seal_files(FILES, wrong)
    assert len(thumbprint(public)) == 43


def whole(folder: Path) -> Manifest:
    """A back-up in the folder."""
    services = {
        name: ServiceDump(
            file=dump_file(name),
            at=datetime.now(UTC),
            rows={"public.outbox": 1},
            outbox=Outbox(last=0, topics={}),
        )
        for name in ORDER
    }
    for name in (SECRETS_FILE, CHAIN_FILE, *(one.file for one in services.values())):
        (folder / name).write_text(f"content of {name}")
    manifest = Manifest(
        made_at=datetime.now(UTC),
        version="0.2.0",
        province=PROVINCE_UID,
        generation=1,
        services=services,
        evidence=Evidence(
            quiet=True,
            known_at=datetime.now(UTC),
            folded={},
            links=Outbox(last=0, topics={}),
            figures=[],
            figures_known=[],
            closings=0,
            chain_head=None,
        ),
        log_epochs={},
        office_key="k",
        files={path.name: digest(path) for path in folder.iterdir()},
    )
    write_manifest(folder, manifest)
    return manifest


def test_a_whole_back_up_is_read_back(tmp_path: Path) -> None:
    made = whole(tmp_path)
    assert read_manifest(tmp_path) == made


@pytest.mark.parametrize("name", [SECRETS_FILE, CHAIN_FILE, *map(dump_file, ORDER)])
def test_each_file_that_is_missing_or_changed_is_named(tmp_path: Path, name: str) -> None:
    whole(tmp_path)
    (tmp_path / name).write_text("something else")
    with pytest.raises(DamagedBackupError) as changed:
        read_manifest(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(DamagedBackupError) as missing:
        read_manifest(tmp_path)
    assert [(error.value.file, error.value.why) for error in (changed, missing)] == [
        (name, "changed"),
        (name, "missing"),
    ]


def test_a_manifest_names_no_file_elsewhere_and_leaves_none_out(tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    folder.mkdir()
    manifest = whole(folder)
    outside = tmp_path / "outside"
    outside.write_text("x")
    write_manifest(
        folder, manifest.model_copy(update={"files": manifest.files | {"../outside": digest(outside)}})
    )
    with pytest.raises(DamagedBackupError, match="outside"):
        read_manifest(folder)
    fewer = {name: value for name, value in manifest.files.items() if name != "registry.dump"}
    write_manifest(folder, manifest.model_copy(update={"files": fewer}))
    with pytest.raises(DamagedBackupError, match=r"registry\.dump"):
        read_manifest(folder)


def test_a_folder_without_a_manifest_or_with_half_of_one_is_no_back_up(tmp_path: Path) -> None:
    with pytest.raises(DamagedBackupError, match="missing"):
        read_manifest(tmp_path)
    whole(tmp_path)
    (tmp_path / "manifest.json").write_text(json.dumps({"format": "khopso-backup-1"}))
    with pytest.raises(DamagedBackupError, match="unreadable"):
        read_manifest(tmp_path)


def test_every_private_file_of_a_stack_is_among_its_secrets_and_no_public_one(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    load_secrets(layout.secrets)
    load_signing_key(layout.signing_key, layout.signing_public_key)
    for service in SERVICES:
        load_signing_key(*layout.audit_key(service))
    layout.issuer_key.write_text("{}")
    layout.public_keys.write_text("{}")
    (tmp_path / "stack.json").write_text("{}")
    names = {path.name for path in layout.secret_files()}
    audit = {f"audit-key-{service}.pem" for service in SERVICES}
    assert names == {"secrets.json", "issuer-key.json", "closing-key.pem"} | audit


def signer() -> tuple[bytes, bytes]:
    """A key that signs closings, and its public half, as PEM."""
    private = ed25519.Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), public


def signed(folder: Path, private: bytes) -> Manifest:
    """A back-up in the folder, with its signature."""
    manifest = whole(folder)
    write_signed(folder, manifest, signing_by(private)[0])
    return manifest


def why_not(folder: Path, public: bytes) -> str:
    """Why the signature does not hold; empty where it does."""
    try:
        check_signature(folder, public_key(public))
    except SignatureError as refused:
        return refused.why
    return ""


def test_the_manifest_is_signed_and_any_change_of_it_or_of_its_signature_is_noticed(tmp_path: Path) -> None:
    private, public = signer()
    made = signed(tmp_path, private)
    assert read_manifest(tmp_path) == made
    assert why_not(tmp_path, public) == ""
    # Whoever changes a dump writes its digest anew, too: all digests hold, and the signature does not.
    (tmp_path / "registry.dump").write_text("another register")
    forged = made.model_copy(
        update={"files": made.files | {"registry.dump": digest(tmp_path / "registry.dump")}}
    )
    write_manifest(tmp_path, forged)
    assert read_manifest(tmp_path) == forged
    assert why_not(tmp_path, public) == "foreign"
    write_manifest(tmp_path, made)
    assert why_not(tmp_path, public) == ""
    for wrong in ("", "no base64!", "AAAA", (tmp_path / SIGNATURE_FILE).read_text()[::-1]):
        (tmp_path / SIGNATURE_FILE).write_text(wrong)
        assert why_not(tmp_path, public) == "foreign"


def test_a_back_up_signed_by_another_key_or_by_none_is_told_apart(tmp_path: Path) -> None:
    private, public = signer()
    signed(tmp_path, signer()[0])
    assert why_not(tmp_path, public) == "foreign"
    (tmp_path / SIGNATURE_FILE).unlink()
    assert why_not(tmp_path, public) == "unsigned"
    # A closing's signature of the same key is none of a back-up.
    sign, fingerprint = signing_by(private)
    (tmp_path / SIGNATURE_FILE).write_bytes(b64encode(sign((tmp_path / "manifest.json").read_bytes())))
    assert why_not(tmp_path, public) == "foreign"
    assert fingerprint == public_key(public).fingerprints[0]


def test_a_back_up_is_signed_by_a_private_ed25519_key_alone() -> None:
    for wrong in (pair()[0], signer()[1], b"no key"):
        with pytest.raises(ValueError, match="Ed25519"):
            signing_by(wrong)
