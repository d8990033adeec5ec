"""The options that several commands take, and the settings made from them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from voice_local.config import Settings

Profile = Annotated[
    str | None,
    typer.Option(
        help="tiny, small, base, cpu, gpu, gpu-large or one of your own; default: the best that "
        "can run here"
    ),
]
ModelsDir = Annotated[
    Path | None,
    typer.Option(help="a folder of models with a manifest.json, instead of the profile's"),
]
Vocabulary = Annotated[
    str | None,
    typer.Option(help="names, products, jargon to expect, separated by commas; or a file of them"),
]
Language = Annotated[
    str | None,
    typer.Option(help="of the speech: a code such as en or de, or auto; default: the profile's"),
]
Voice = Annotated[
    str | None,
    typer.Option(
        help="of any engine, as kokoro/bf_emma (all of them: voice-local voices); default: the "
        "profile's"
    ),
]
Verbose = Annotated[
    bool,
    typer.Option("--verbose", "-v", help="also what was understood, and how long each stage took"),
]
Json = Annotated[
    bool, typer.Option("--json", help="one JSON document on standard output and nothing else")
]


def chosen_settings(
    profile: str | None,
    models_dir: Path | None,
    voice: str | None = None,
    engine: str | None = None,
    **overrides: Any,
) -> Settings:
    """The settings that the options of a command name.

    Raises:
        ConfigError, TextInputError, ModelMissingError: a profile, a setting or a voice that cannot
            be.
    """
    from voice_local.engine.voices import speaking
    from voice_local.profile_choice import settings_for

    return speaking(settings_for(profile, models_dir, **overrides), voice, engine)


def recognition(vocabulary: str | None, language: str | None) -> dict[str, Any]:
    """What the options of recognition change in the settings."""
    from voice_local.text.vocabulary import load_vocabulary

    return {
        "vocabulary": None if vocabulary is None else load_vocabulary(vocabulary),
        "language": language,
    }
