"""Unit tests run in virtual time: no test waits."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.unit.clock import VirtualLoop


def pytest_asyncio_loop_factories(config: pytest.Config, item: pytest.Item) -> dict[str, Callable[[], VirtualLoop]]:
    """See `tests.unit.clock`."""
    return {"virtual": VirtualLoop}
