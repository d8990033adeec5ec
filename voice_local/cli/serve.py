"""`voice-local serve`."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from voice_local.cli.options import ModelsDir, Profile, Voice, chosen_settings
from voice_local.config_server import SHORTEST_TOKEN
from voice_local.errors import ConfigError


def serve(
    host: Annotated[
        str, typer.Option(help="address to listen on; beyond this machine a token is required")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any free one")] = 8765,
    token_file: Annotated[
        Path | None, typer.Option(help="a file with the token that clients have to show")
    ] = None,
    tls: Annotated[
        bool,
        typer.Option("--tls", help="https, with a certificate of this machine's own, made once"),
    ] = False,
    certificate: Annotated[
        Path | None, typer.Option(help="https with this certificate (PEM), instead of one's own")
    ] = None,
    key: Annotated[Path | None, typer.Option(help="its key (PEM)")] = None,
    wyoming_port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="also serve Home Assistant (Wyoming; no token)"),
    ] = None,
    wyoming_host: Annotated[
        str, typer.Option(help="its address; beyond this machine server.trusted_networks is needed")
    ] = "127.0.0.1",
    audiosocket_port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="also serve Asterisk (AudioSocket; no token)"),
    ] = None,
    audiosocket_host: Annotated[
        str, typer.Option(help="its address; as for --wyoming-host")
    ] = "127.0.0.1",
    profile: Profile = None,
    voice: Voice = None,
    models_dir: ModelsDir = None,
) -> None:
    """Serve browsers, telephones and programs written for OpenAI's APIs."""
    from voice_local.cli import serving

    asyncio.run(
        serving.run(
            chosen_settings(profile, models_dir, voice, server=_token(token_file)),
            host,
            port,
            {
                "wyoming": (wyoming_host, wyoming_port),
                "audiosocket": (audiosocket_host, audiosocket_port),
            },
            serving.Tls(tls, certificate, key),
        )
    )


def _token(path: Path | None) -> dict[str, str] | None:
    if path is None:
        return None
    try:
        token = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read {path} ({error})", "--token-file FILE") from None
    if len(token) < SHORTEST_TOKEN:
        raise ConfigError(
            f"the token in {path} is shorter than {SHORTEST_TOKEN} characters",
            "openssl rand -hex 24 > FILE",
        )
    return {"token": token}
