"""Words, intents, invented text and the conversation's own cost against the committed baseline."""

from __future__ import annotations

import pytest

from benchmarks import regress
from voice_local.bench.speakers import (
    HELD_OUT,
    available,
)

pytestmark = pytest.mark.models


@pytest.mark.skipif(
    len(available()) < len(HELD_OUT), reason="needs espeak-ng, flite and festival to speak"
)
async def test_nothing_got_worse() -> None:
    report = await regress.measure()
    assert [section.status for section in report.sections] == ["measured"] * len(regress.SECTIONS)
    worse, remarks = regress.worse(report)
    assert not worse, (
        "worse than the baseline (if that is meant: python -m benchmarks.regress --write)"
    )
    assert not remarks
