"""Who may use the server, what is sent to it too fast or read too slowly, and its certificate."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest
from cryptography import x509

from voice_local.config import load
from voice_local.config_server import ServerSettings
from voice_local.errors import ConfigError
from voice_local.server.access import Access, Asked, Refusal
from voice_local.server.certificate import own_certificate
from voice_local.server.run import Listen, check

pytestmark = pytest.mark.unit
TOKEN = "correct-horse-battery"


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def asked(host: str = "127.0.0.1:8765", key: str = TOKEN, origin: str = "") -> Asked:
    return Asked("10.0.0.9", host, origin, f"Bearer {key}" if key else "")


def access(host: str = "127.0.0.1", clock: Clock | None = None, **settings: object) -> Access:
    given = ServerSettings.model_validate({"token": TOKEN, **settings})
    return Access(given, host, clock or Clock())


@pytest.mark.parametrize(
    ("request_", "refusal"),
    [
        (asked(), None),
        (asked(host="localhost:8765"), None),
        (asked(host="[::1]:8765"), None),
        (asked(key="wrong"), Refusal.TOKEN),
        (asked(key=""), Refusal.TOKEN),
        (asked(key=TOKEN[:-1]), Refusal.TOKEN),
        (asked(host="evil.example"), Refusal.HOST),
        (asked(host=""), Refusal.HOST),
        (asked(host="127.0.0.1.evil.example"), Refusal.HOST),
        (asked(host="[::1"), Refusal.HOST),
        (asked(origin="http://127.0.0.1:8765"), None),
        (asked(origin="http://127.0.0.1:3000"), Refusal.ORIGIN),
        (asked(origin="https://evil.example"), Refusal.ORIGIN),
        (asked(origin="null"), Refusal.ORIGIN),
        (asked(origin="https://intranet.example"), None),
    ],
)
def test_who_may_connect(request_: Asked, refusal: Refusal | None) -> None:
    assert access(origins=("https://intranet.example",)).check(request_) is refusal


def test_a_key_may_come_as_a_subprotocol() -> None:
    protocols = ("realtime", f"openai-insecure-api-key.{TOKEN}")
    browser = Asked("10.0.0.9", "127.0.0.1", protocols=protocols)
    assert access().check(browser) is None


def test_without_a_token_every_key_will_do() -> None:
    assert Access(ServerSettings(), "127.0.0.1").check(asked(key="")) is None


def test_on_all_addresses_names_still_count() -> None:
    everywhere = access("0.0.0.0", hosts=("voice.example",))
    assert everywhere.check(asked(host="192.168.1.5:8765")) is None
    assert everywhere.check(asked(host="voice.example")) is None
    assert everywhere.check(asked(host="rebound.example")) is Refusal.HOST


def test_a_client_secret_ends() -> None:
    clock = Clock()
    made = access(clock=clock)
    secret = made.new_secret(60)
    assert made.check(asked(key=secret)) is None
    assert made.check(asked(key=secret[:-1])) is Refusal.TOKEN
    clock.now += 61
    assert made.check(asked(key=secret)) is Refusal.TOKEN


def test_too_many_requests_of_one_client() -> None:
    clock = Clock()
    made = access(clock=clock, requests_per_minute=10)
    assert [made.check(asked()) for _ in range(11)] == [None] * 10 + [Refusal.RATE]
    other = Asked("10.0.0.8", "127.0.0.1", authorization=f"Bearer {TOKEN}")
    assert made.check(other) is None
    clock.now += 6.1
    assert made.check(asked()) is None and made.check(asked()) is Refusal.RATE


def test_beyond_this_machine_a_token_is_required() -> None:
    with pytest.raises(ConfigError, match="has no token"):
        check(load("tiny"), Listen("0.0.0.0"))
    check(load("tiny", server={"token": TOKEN}), Listen("0.0.0.0"))
    check(load("tiny"), Listen())
    assert TOKEN not in str(load("tiny", server={"token": TOKEN}))


def test_the_own_certificate_is_made_once_and_anew_for_another_name(tmp_path: Path) -> None:
    certificate, key = own_certificate(tmp_path, "127.0.0.1")
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)
    assert key.stat().st_mode & 0o077 == 0
    before = certificate.read_bytes()
    own_certificate(tmp_path, "127.0.0.1")
    assert certificate.read_bytes() == before
    own_certificate(tmp_path, "127.0.0.1", ("voice.example",))
    both = certificate.read_bytes()
    assert both != before
    own_certificate(tmp_path, "127.0.0.1")
    assert certificate.read_bytes() == both, (
        "a name that it has is kept: nobody has to trust it anew"
    )
    certificate.write_text("no certificate")
    own_certificate(tmp_path, "127.0.0.1")
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)


def test_a_certificate_for_all_addresses_names_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found() -> dict[str, list[Address]]:
        return {
            "eth0": [Address(socket.AF_INET, "192.0.2.7"), Address(socket.AF_INET6, "fd00::7")],
            "lo": [Address(socket.AF_INET, "127.0.0.1")],
            "wlan0": [Address(socket.AF_INET6, "fe80::1%wlan0")],
        }

    monkeypatch.setattr(psutil, "net_if_addrs", found)
    certificate, _ = own_certificate(tmp_path, "0.0.0.0")
    names = names_of(certificate)
    assert "192.0.2.7" in names and not {"fd00::7", "0.0.0.0"} & names
    own_certificate(tmp_path, "::")
    assert {"192.0.2.7", "fd00::7"} <= names_of(certificate)


class Address(NamedTuple):
    family: socket.AddressFamily
    address: str


def names_of(certificate: Path) -> set[str]:
    found = x509.load_pem_x509_certificate(certificate.read_bytes())
    extension = found.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    return {str(name.value) for name in extension.value}
