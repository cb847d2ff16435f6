"""Apache Kafka as a province runs it: listeners with TLS and with user names, certificates of a throw-away authority."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from deploy.kafka.runtime import KafkaServer
from deploy.ports import LOOPBACK, free_ports

USER, PASSWORD = "khopso", "a-password-of-the-broker"
_PROTOCOLS = ("SSL", "SASL_PLAINTEXT", "SASL_SSL")
_SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule required;"


class SecuredKafka:
    """One broker with a listener for each protocol; ``ports`` says where, ``ca_file`` who signed its certificate."""

    def __init__(self, folder: Path) -> None:
        port, controller, *others = free_ports(2 + len(_PROTOCOLS))
        self.ports = dict(zip(_PROTOCOLS, others, strict=True))
        self.ca_file, self.other_ca_file = folder / "ca.pem", folder / "other-ca.pem"
        folder.mkdir(parents=True, exist_ok=True)
        key_store = _certificates(folder, self.ca_file)
        _certificates(folder, self.other_ca_file)
        listeners = {"PLAINTEXT": port, **self.ports}
        addresses = ",".join(f"{name}://{LOOPBACK}:{at}" for name, at in listeners.items())
        protocols = ",".join(f"{name}:{name}" for name in listeners)
        self.server = KafkaServer(
            folder / "data",
            port,
            controller,
            settings={
                "listeners": f"{addresses},CONTROLLER://{LOOPBACK}:{controller}",
                "advertised.listeners": addresses,
                "listener.security.protocol.map": f"{protocols},CONTROLLER:PLAINTEXT",
                "sasl.enabled.mechanisms": "SCRAM-SHA-512",
                "listener.name.sasl_plaintext.scram-sha-512.sasl.jaas.config": _SCRAM,
                "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": _SCRAM,
                "ssl.keystore.type": "PEM",
                "ssl.keystore.location": str(key_store),
            },
            users={USER: PASSWORD},
        )

    def bootstrap(self, protocol: str) -> str:
        """The address of a protocol's listener."""
        return f"{LOOPBACK}:{self.ports[protocol]}"


def _certificates(folder: Path, ca_file: Path) -> Path:
    """An authority, and the key and certificate that it gave to the broker on the loopback address."""
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority, broker = _name("throw-away authority"), _name("broker")
    ca = _builder(authority, authority, ca_key).add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True
    )
    ca_file.write_bytes(ca.sign(ca_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(LOOPBACK))])
    certificate = _builder(broker, authority, key).add_extension(names, critical=False)
    pem = certificate.sign(ca_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    store = folder / f"{ca_file.stem}-broker.pem"
    store.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + pem
    )
    return store


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
    )
