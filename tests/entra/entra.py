"""The stand-in for Microsoft Entra ID: started, asked, and its tokens as Teams would hand them out.

`entra.mjs` runs npm's `oidc-provider` behind Entra's paths with TLS on loopback; the certificate
authority, the certificate and the signing keys are made here for each run. Tests can sign any
token with those keys, the wrong ones too.
"""

import json
import os
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext, create_default_context
from typing import Any, BinaryIO, NoReturn

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from tools import node, packages

HERE = Path(__file__).resolve().parent
START_S = 30.0
APP = "5c1d7c0e-0a3b-4b5e-9d5f-3a2f6d0c9b11"
SECRET = "stand-in secret of the app"
TENANT = "0d5b6a3e-6f0d-4c33-8a53-2b9f0c7a1e01"
OTHER_TENANT = "0d5b6a3e-6f0d-4c33-8a53-2b9f0c7a1e02"
TEAMS_DESKTOP = "1fec8e78-bce4-4aaf-ab1b-5451cc387264"
TEAMS_WEB = "5e3ce6c0-2b1f-4285-8d4b-75ee78787346"
GRAPH = "00000003-0000-0000-c000-000000000000"
KEY_ID = "stand-in-1"
CODE = "424242"
REQUIRED = "SWITCHROOM_STAND_INS"


@dataclass(frozen=True)
class Account:
    """Somebody with an account. `conditional` is under a Conditional Access policy, `no_consent`
    has not let the app ask Graph, `overage` is in more groups than a token holds."""

    oid: str
    name: str
    username: str
    tenant: str = TENANT
    password: str = "stand-in password"
    groups: tuple[str, ...] = ()
    conditional: bool = False
    no_consent: bool = False
    overage: bool = False

    def described(self) -> dict[str, Any]:
        """As entra.mjs reads it."""
        return {
            "oid": self.oid,
            "name": self.name,
            "username": self.username,
            "password": self.password,
            "code": CODE,
            "groups": list(self.groups),
            "conditional": self.conditional,
            "noConsent": self.no_consent,
            "overage": self.overage,
        }


@dataclass(frozen=True)
class Authority:
    """The certificate authority of a run, its server's key and certificate, and signing keys."""

    ca: str
    key: str
    certificate: str
    signing: rsa.RSAPrivateKey = field(
        default_factory=lambda: rsa.generate_private_key(65537, 2048)
    )

    @property
    def jwks(self) -> dict[str, Any]:
        """The private signing key as a key set (RFC 7517)."""
        return {"keys": [jwk(self.signing, KEY_ID)]}


def jwk(key: rsa.RSAPrivateKey, key_id: str) -> dict[str, Any]:
    """The private key in RFC 7517's form."""
    made: dict[str, Any] = jwt.algorithms.RSAAlgorithm.to_jwk(key, as_dict=True)
    kept = {name: value for name, value in made.items() if name != "key_ops"}
    return kept | {"kid": key_id, "alg": "RS256", "use": "sig"}


def authority() -> Authority:
    """A fresh authority and a certificate for localhost under it."""
    ca_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Stand-in authority")])
    now = datetime.now(UTC)

    def builder(name: x509.Name, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(ca_name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(days=2))
        )

    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    ca = (
        builder(ca_name, ca_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key()), critical=False
        )
        .sign(ca_key, hashes.SHA256())
    )
    names = x509.SubjectAlternativeName(
        [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    )
    server = (
        builder(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]), key.public_key())
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False
        )
        .sign(ca_key, hashes.SHA256())
    )
    return Authority(
        ca.public_bytes(serialization.Encoding.PEM).decode(),
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode(),
        server.public_bytes(serialization.Encoding.PEM).decode(),
    )


@dataclass(frozen=True)
class Entra:
    """A running stand-in. `ca_file` is the certificate authority it is trusted by."""

    origin: str
    ca_file: Path
    authority: Authority

    def claims(self, account: Account, **changed: Any) -> dict[str, Any]:
        """The claims of the token that Teams asks for on behalf of the account; None removes."""
        now = int(time.time())
        usual = {
            "aud": APP,
            "iss": f"{self.origin}/{account.tenant}/v2.0",
            "iat": now,
            "nbf": now,
            "exp": now + 3600,
            "azp": TEAMS_WEB,
            "azpacr": "0",
            "name": account.name,
            "oid": account.oid,
            "preferred_username": account.username,
            "scp": "access_as_user",
            "sub": f"sub-{account.oid}",
            "tid": account.tenant,
            "ver": "2.0",
            **_groups(account),
        }
        return {name: one for name, one in (usual | changed).items() if one is not None}

    def token(self, account: Account, **changed: Any) -> str:
        """The signed token of those claims."""
        return self.signed(self.claims(account, **changed))

    def signed(self, claims: Mapping[str, Any], **headers: Any) -> str:
        """Any claims, signed with the published key."""
        return jwt.encode(
            dict(claims), self.authority.signing, "RS256", headers={"kid": KEY_ID, **headers}
        )

    def context(self) -> SSLContext:
        """Trusts the stand-in's authority alone."""
        return create_default_context(cafile=str(self.ca_file))

    def server_context(self) -> SSLContext:
        """TLS for a server on this machine, under the same authority."""
        context = SSLContext(PROTOCOL_TLS_SERVER)
        folder = self.ca_file.parent
        key, certificate = folder / "server.key", folder / "server.pem"
        key.write_text(self.authority.key, encoding="utf-8")
        certificate.write_text(self.authority.certificate, encoding="utf-8")
        context.load_cert_chain(certificate, key)
        return context

    def counted(self) -> dict[str, int]:
        """How often tokens were asked for on behalf of somebody, Graph, and keys."""
        with urllib.request.urlopen(  # noqa: S310 - loopback
            f"{self.origin}/counted", context=self.context(), timeout=5
        ) as answer:
            found: dict[str, int] = json.load(answer)
            return found


def _groups(account: Account) -> dict[str, Any]:
    """The groups, or where to ask for them when there are too many."""
    if not account.overage:
        return {"groups": list(account.groups)}
    return {"_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {"endpoint": "x"}}}


@contextmanager
def running(
    folder: Path,
    accounts: tuple[Account, ...],
) -> Iterator[Entra]:
    """The stand-in with those accounts; its files are in the folder. When it cannot start on this
    machine the test is skipped by name, or fails where SWITCHROOM_STAND_INS is `required`."""
    made = authority()
    ca_file = folder / "stand-in-ca.pem"
    ca_file.write_text(made.ca, encoding="utf-8")
    try:
        if packages.install(HERE):
            raise OSError("its packages cannot be installed")
        with (folder / "stand-in.log").open("wb") as log:
            process = _start(made, accounts, log)
    except (OSError, SystemExit) as error:
        cannot(f"the stand-in for Microsoft Entra ID cannot start: {error}")
    try:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        if not port.isdigit():
            cannot("the stand-in for Microsoft Entra ID ended at once")
        yield Entra(f"https://localhost:{port}", ca_file, made)
    finally:
        process.kill()
        process.communicate()


def cannot(reason: str) -> NoReturn:
    """Skips, or fails where stand-ins are required."""
    if os.environ.get(REQUIRED) == "required":
        pytest.fail(reason)
    pytest.skip(reason)


def _start(
    made: Authority, accounts: tuple[Account, ...], log: BinaryIO
) -> "subprocess.Popen[str]":
    tenants = [
        {
            "id": tenant,
            "accounts": [one.described() for one in accounts if one.tenant == tenant],
        }
        for tenant in (TENANT, OTHER_TENANT)
    ]
    given = {
        "tls": {"key": made.key, "certificate": made.certificate},
        "jwks": made.jwks,
        "app": {"id": APP, "secret": SECRET},
        "tenants": tenants,
    }
    process = subprocess.Popen(
        [str(node.find()), "entra.mjs"],
        cwd=HERE,
        env={"PATH": os.environ["PATH"], "NODE_ENV": "test"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(given) + "\n")
    process.stdin.flush()
    return process
