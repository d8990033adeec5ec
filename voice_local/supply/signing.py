"""Signatures with OpenSSH's own tool (`ssh-keygen -Y`, format SSHSIG): the keys people have
already."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from voice_local.errors import (
    BundleError,
    ConfigError,
)
from voice_local.models.paths import found

NAMESPACE = "voice-local-bundle"
WHO = "signer"


def _tool() -> str:
    tool = shutil.which("ssh-keygen")
    if tool is None:
        raise ConfigError("ssh-keygen is not here", "apt-get install openssh-client")
    return tool


def check_key(key: Path) -> None:
    """Raises:
    ConfigError, InputError: there is no such key, or nothing to sign with.
    """
    if found(key) is None or not key.is_file():
        raise ConfigError(f"there is no key at {key}", "make one: ssh-keygen -t ed25519 -f KEY")
    _tool()


def sign(file: Path, signature: Path, key: Path) -> None:
    """Signs `file` with the private key at `key` (or the agent's, given its public key) into
    `signature`.

    Raises:
        ConfigError: no such key, or it cannot sign.
    """
    check_key(key)
    done = subprocess.run(
        [_tool(), "-Y", "sign", "-q", "-f", str(key), "-n", NAMESPACE, str(file)],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    made = file.with_name(file.name + ".sig")
    if done.returncode != 0 or not made.is_file():
        raise ConfigError(
            f"{key} cannot sign ({' '.join(done.stderr.split())[:100]})",
            "check its passphrase, or use an agent",
        )
    if made != signature:
        made.replace(signature)


def check(file: Path, signature: Path, signer: Path | None) -> str:
    """What is known of the signature of `file`, in a sentence. `signer`: the public key that must
    have made it.

    Raises:
        BundleError: `signer` is given and did not sign it. ConfigError: `signer` is no public key.
    """
    if signer is None:
        return (
            "signed, but by whom was not checked: give --signer with the public key of who made it"
            if signature.is_file()
            else "not signed: only its own sums vouch for it"
        )
    try:
        key = signer.read_text(encoding="utf-8").strip().splitlines()[0]
    except (OSError, ValueError, IndexError):
        raise ConfigError(
            f"{signer} is no public key", "give the .pub file of who made the bundle"
        ) from None
    if not key.startswith(("ssh-", "ecdsa-", "sk-")):
        raise ConfigError(f"{signer} is no public key", "give the .pub file of who made the bundle")
    if not signature.is_file():
        raise BundleError("the bundle is not signed", "ask for a signed one, or leave --signer out")
    with tempfile.NamedTemporaryFile("w", suffix=".signers") as allowed, file.open("rb") as content:
        allowed.write(f'{WHO} namespaces="{NAMESPACE}" {key}\n')
        allowed.flush()
        command = [
            _tool(),
            "-Y",
            "verify",
            "-f",
            allowed.name,
            "-I",
            WHO,
            "-n",
            NAMESPACE,
            "-s",
            str(signature),
        ]
        done = subprocess.run(command, stdin=content, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BundleError(
            f"the bundle was not signed by {signer}", "do not use it; ask who made it"
        )
    return f"signed by {signer.name}"
