"""How a command ends: errors as one line for a person, exit codes, interruptions."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import NoReturn

import typer

from voice_local.cli import (
    show,
    streams,
)
from voice_local.cli.signals import (
    INTERRUPTED,
    Endings,
)
from voice_local.errors import VoiceLocalError
from voice_local.models.paths import FULL

# Typer carries a copy of click of its own in some versions: its base error is found through what
# Typer exports.
USAGE_ERROR: type[Exception] = next(
    kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException"
)


def finished(commands: typer.Typer) -> None:
    """Runs `commands` and ends the process: errors become one line for a person and exit code 2."""
    endings = Endings()
    try:
        code = commands(standalone_mode=False)
        if code == INTERRUPTED:  # some versions of Typer return it
            leave(endings.code)
        streams.flush()
    except VoiceLocalError as error:
        show.complain(error.cause, error.remedy)
        code = 2
    except USAGE_ERROR as error:
        _complain_of_usage(error)
        code = 2
    except (typer.Abort, KeyboardInterrupt):
        leave(endings.code)
    except BrokenPipeError:
        streams.give_up_output()
        code = streams.BROKEN_PIPE
    except OSError as error:
        if error.errno in FULL:
            streams.give_up_output()
            show.complain(
                f"cannot write {error.filename or 'the output'} ({error.strerror})",
                "free disk space, or write elsewhere",
            )
        else:
            show.complain(
                f"cannot use {error.filename or 'a file'} ({error.strerror or error})",
                "check its name and who may read it",
            )
        code = 2
    sys.exit(code if isinstance(code, int) else 0)


def _complain_of_usage(error: Exception) -> None:
    """What is wrong with the command line; nothing where help was shown instead."""
    told = getattr(error, "format_message", lambda: str(error))()
    context = getattr(error, "ctx", None)
    command = getattr(context, "command_path", "voice-local")
    if told:
        show.complain(told, f"{command} --help")


def leave(code: int) -> NoReturn:
    """Ends the process at once, after an interruption: all is in order, and taking libraries apart
    may take a second."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)
