from __future__ import annotations

import pytest

from .dockerfile_reading import of_kind

SHIPPED = [
    ("FROM a\nRUN b", [2]),
    ("FROM a AS x\nRUN b\nFROM c\nCOPY --from=x d d", [4]),
    ("FROM a AS x\nRUN b\nFROM c\nCOPY --from=0 d d", [4]),
    ("FROM a AS x\nRUN b\nFROM c\nRUN --mount=from=X,target=/x d", [4]),
    ("FROM a AS x\nRUN b\nFROM X\nRUN c", [2, 4]),
    ("FROM a AS x\nRUN b\nFROM x AS y\nRUN c\nFROM d\nCOPY --from=y e e", [6]),
    ("FROM a AS x\nRUN b\nFROM c AS y\nRUN d", [2, 4]),
    ("FROM a AS x\nRUN b\nFROM c\nONBUILD COPY --from=x d d", [4]),
    ("FROM a AS x\nRUN b\nFROM x AS y\nFROM c\nCOPY --from=x d d", [2, 5]),
]


@pytest.mark.parametrize(("text", "lines"), SHIPPED)
def test_stages_that_are_kept(text: str, lines: list[int]) -> None:
    assert [r.facts["line"] for r in of_kind("instruction", text) if r.facts.get("shipped")] == lines
