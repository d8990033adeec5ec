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
        show.complain(getattr(error, "message", "") or str(error), "voice-local --help")
        code = 2
    except (typer.Abort, KeyboardInterrupt):
        leave(endings.code)
    except BrokenPipeError:
        streams.give_up_output()
        code = streams.BROKEN_PIPE
    except OSError as error:
        if error.errno not in streams.FULL:
            raise
        streams.give_up_output()
        show.complain(
            f"cannot write {error.filename or 'the output'} ({error.strerror})",
            "free disk space, or write elsewhere",
        )
        code = 2
    sys.exit(code if isinstance(code, int) else 0)


def leave(code: int) -> NoReturn:
    """Ends the process at once, after an interruption: all is in order, and taking libraries apart
    may take a second."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)
