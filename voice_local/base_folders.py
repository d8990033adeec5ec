"""Where a person's files are: the XDG Base Directory Specification 0.8."""

from __future__ import annotations

import os
from pathlib import Path

from voice_local.errors import ConfigError


def base_folder(variable: str, default: str) -> Path:
    """The folder that `variable` names, as `XDG_DATA_HOME`; where it is not set, empty or no
    absolute path, `default` within the home folder.

    Raises:
        ConfigError: there is no home folder.
    """
    given = os.environ.get(variable, "")
    if os.path.isabs(given):
        return Path(given)
    try:
        return Path.home() / default
    except RuntimeError:
        raise ConfigError("there is no home folder", f"set HOME, or {variable}") from None
