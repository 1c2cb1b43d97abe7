"""Certificates that a test makes for itself."""

import datetime as dt
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from msgspec import Struct

from gateway.settings import TlsSettings

NAME = "gateway.test"


class Certificate(Struct, frozen=True):
    """A self-signed one for `NAME`, in two PEM files."""

    settings: TlsSettings
    serial: int

    def client_context(self) -> ssl.SSLContext:
        """Trusts this certificate and no other."""
        context = ssl.create_default_context(cafile=self.settings.certificate)
        context.set_alpn_protocols(["h2", "http/1.1"])
        return context


def make_certificate(folder: Path) -> Certificate:
    """Write a new one, over the one before."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    now = dt.datetime.now(dt.UTC)
    serial = x509.random_serial_number()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    settings = TlsSettings(certificate=str(folder / "certificate.pem"), key=str(folder / "key.pem"))
    Path(settings.certificate).write_bytes(made.public_bytes(serialization.Encoding.PEM))
    Path(settings.key).write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return Certificate(settings, serial)
