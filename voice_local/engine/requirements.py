"""Which extras and modules stage adapters need."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from voice_local import config
from voice_local.engine.catalog import ADAPTERS
from voice_local.extras import absent


def adapters(profile: str) -> list[str]:
    """The stage adapters of a profile that are known here, in the order of the stages."""
    settings = config.load(profile)
    return [
        name
        for name in (getattr(settings, stage).adapter for stage in config.STAGES)
        if name in ADAPTERS
    ]


def needed(names: Iterable[str]) -> tuple[str, ...]:
    """The extras that these stage adapters need, `small` first."""
    wanted = {ADAPTERS[name].extra for name in names}
    return tuple(sorted(wanted, key=[adapter.extra for adapter in ADAPTERS.values()].index))


def missing(names: Iterable[str]) -> tuple[str, list[str]]:
    """(the extra that brings them, modules) of what these stage adapters load and is not installed;
    imports none of it."""
    lacks = {name: absent(ADAPTERS[name].modules) for name in names}
    lacking = [name for name, modules in lacks.items() if modules]
    return (needed(lacking)[-1] if lacking else ""), list(dict.fromkeys(chain(*lacks.values())))
