"""A certificate of this machine's own: browsers give microphones to secure pages only."""

from __future__ import annotations

import ipaddress
import os
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from voice_local.errors import ConfigError, OutputError

VALID_DAYS = 825
RENEWED_DAYS = 30
"""It is made anew so many days before it ends."""


def own_certificate(folder: Path, host: str, names: tuple[str, ...] = ()) -> tuple[Path, Path]:
    """The PEM files of a self-signed certificate and its key in `folder`, made where they are not
    there, do not name this machine, or end soon.

    `host`: the address that the server listens on; `names`: other names of it.

    Raises:
        OutputError: they cannot be written.
    """
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    wanted = sorted({*_names(host, names), *_known(certificate)})
    if key.is_file() and _serves(certificate, wanted):
        return certificate, key
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(certificate, key, wanted)
    except OSError as error:
        raise OutputError(
            f"cannot write a certificate into {folder} ({error.strerror})",
            "serve --certificate FILE --key FILE",
        ) from None
    return certificate, key


def _names(host: str, names: tuple[str, ...]) -> list[str]:
    found = ["localhost", "127.0.0.1", "::1", socket.gethostname(), *names]
    if host in ("0.0.0.0", "::", ""):  # noqa: S104 - compared, not bound
        found += _own_addresses(socket.AF_INET6 if host == "::" else socket.AF_INET)
    else:
        found.append(host)
    return sorted(set(found))


def _own_addresses(family: socket.AddressFamily) -> list[str]:
    """By which other machines of the local network reach this one."""
    found = [
        one.address
        for addresses in psutil.net_if_addrs().values()
        for one in addresses
        if one.family == family and "%" not in one.address
    ]
    return [one for one in found if not ipaddress.ip_address(one).is_loopback]


def _serves(path: Path, wanted: list[str]) -> bool:
    try:
        found = x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError):
        return False
    if found.not_valid_after_utc < datetime.now(UTC) + timedelta(days=RENEWED_DAYS):
        return False
    return set(wanted) <= _known(path)


def _known(path: Path) -> set[str]:
    """The names in a certificate. They are kept in a new one: whoever moves between networks has
    to be trusted once in each."""
    try:
        found = x509.load_pem_x509_certificate(path.read_bytes())
        extension = found.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except (OSError, ValueError, x509.ExtensionNotFound):
        return set()
    return {str(name.value) for name in extension.value}


def _write(certificate: Path, key: Path, names: list[str]) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "voice_local")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=VALID_DAYS))
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
        .sign(private, hashes.SHA256())
    )
    text = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    with os.fdopen(os.open(key, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(text)
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        pass
    try:
        return x509.DNSName(name.encode("idna").decode("ascii"))
    except ValueError:
        raise ConfigError(
            f"{name!r} can be no name in a certificate", "give it in ASCII, as xn--…"
        ) from None
