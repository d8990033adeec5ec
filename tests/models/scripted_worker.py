"""The worker process with scripted stages: `WorkerEngine(..., module=MODULE)`.

What it reads of the environment: `STALLED_S` and `GRACE_S`, for those of the server;
`ENDS_WHEN_READY`: it serves nobody.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from tests.scripted_stages import RERANK, fill
from voice_local.config import Settings
from voice_local.engine import server, worker
from voice_local.engine.host import Host
from voice_local.engine.operations import OPERATIONS

MODULE = "tests.models.scripted_worker"


def load(host: Host, settings: Settings, stages: list[str], loading: Callable[[str], None]) -> None:
    """See `worker.Load`."""
    loading("scripted")
    fill(host)


class Ends(server.Server):
    """Ends its process instead."""

    async def serve(self) -> None:
        """See `Server`."""
        os._exit(1)


if __name__ == "__main__":
    OPERATIONS[RERANK.name] = RERANK
    server.STALLED_S = float(os.environ.get("STALLED_S", server.STALLED_S))
    server.GRACE_S = float(os.environ.get("GRACE_S", server.GRACE_S))
    if "ENDS_WHEN_READY" in os.environ:
        setattr(worker, "Server", Ends)  # noqa: B010 - mypy knows it as what it imported
    worker.main(load)
