"""The Cosmos DB stand-in as a process: `@vercel/cosmosdb-server`, made strict by server.cjs.

It keeps everything in memory, takes any key and ends with whoever started it.
"""

import datetime as dt
import ipaddress
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tools import node, packages

HERE = Path(__file__).resolve().parent
START_S = 30.0
KEY = "c3dpdGNocm9vbQ=="
"""Base64 as the client asks; the stand-in compares no keys."""


@dataclass(frozen=True)
class StandIn:
    """A running stand-in: where it is, and the certificate it shows."""

    endpoint: str
    certificate: Path
    private_key: Path
    process: subprocess.Popen[str]


def certify(folder: Path) -> tuple[Path, Path]:
    """A certificate for this machine's loopback names, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Switchroom's stand-in for tests")])
    now = dt.datetime.now(dt.UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.IPv4Address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate, private


@contextmanager
def running(folder: Path) -> Iterator[StandIn]:
    """A stand-in with nothing in it, its certificate and log in the folder. Installs its package
    when it is not there. Raises AssertionError when it does not start."""
    assert packages.install(HERE) == 0, "the stand-in's package cannot be installed"
    certificate, private = certify(folder)
    with (folder / "cosmos.log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            [str(node.find()), str(HERE / "server.cjs"), str(certificate), str(private)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    assert process.stdin is not None
    assert process.stdout is not None
    alarm = threading.Timer(START_S, process.kill)
    alarm.start()
    try:
        port = process.stdout.readline().strip()
        alarm.cancel()
        assert port, f"the stand-in did not start: {(folder / 'cosmos.log').read_text()}"
        yield StandIn(f"https://127.0.0.1:{port}", certificate, private, process)
    finally:
        alarm.cancel()
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()
