"""Unit tests run in virtual time: no test waits."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from voice_local.bench.virtual_time import VirtualLoop


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> dict[str, Callable[[], VirtualLoop]]:
    """See `voice_local.bench.virtual_time`."""
    return {"virtual": VirtualLoop}
