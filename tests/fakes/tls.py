"""A certificate authority of a test's own, for stand-ins that official clients reach over TLS."""

import datetime as dt
import ssl
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

DAY = dt.timedelta(days=1)
SIGNING = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)
"""Of an authority; newer Pythons insist on it and on the identifiers below."""


@dataclass(frozen=True)
class Tls:
    """The authority's certificate (PEM), and one for the names with its key in the same file."""

    authority: Path
    server: Path

    def server_context(self) -> ssl.SSLContext:
        """What a server of those names listens with."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.server)
        return context

    def client_context(self) -> ssl.SSLContext:
        """What trusts this authority and no other."""
        return ssl.create_default_context(cafile=str(self.authority))


def made(folder: Path, *names: str) -> Tls:
    """An authority and a server certificate for the host names, valid around now."""
    now = dt.datetime.now(dt.UTC)
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Test authority")])
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, names[0])])

    def begun(subject: x509.Name, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(ca_name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - DAY)
            .not_valid_after(now + DAY)
        )

    ours = x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key())
    above = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(ours)
    ca = (
        begun(ca_name, ca_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(ours, critical=False)
        .add_extension(SIGNING, critical=True)
        .sign(ca_key, hashes.SHA256())
    )
    server = (
        begun(name, key.public_key())
        .add_extension(above, critical=False)
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(one) for one in names]), critical=False
        )
        .sign(ca_key, hashes.SHA256())
    )
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    found = Tls(folder / "authority.pem", folder / "server.pem")
    found.authority.write_bytes(ca.public_bytes(Encoding.PEM))
    found.server.write_bytes(server.public_bytes(Encoding.PEM) + plain)
    return found
