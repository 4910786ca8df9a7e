from __future__ import annotations

import pytest

from policyengine.policy.formats import FORMATS

TABLE = {
    "digest": (["sha256:" + "a" * 64], ["sha256:abc", "a" * 64, ""]),
    "email": (["team@example.com", "The Team <team@example.com>"], ["team", "team@", "a b@example.com c", ""]),
    "hash": (["0123abc", "a" * 40], ["0123", "main", "A" * 40, ""]),
    "rfc3339": (
        ["2026-11-26T18:50:38Z", "2026-11-26 18:50:38.123+01:00"],
        ["2026-11-26", "26.11.2026", "2026-13-01T00:00:00Z", "2026-11-26T18:50:38", ""],
    ),
    "semver": (["1.2.3", "0.1.0-rc.1+build.5"], ["1.2", "v1.2.3", "01.2.3", "latest", ""]),
    "spdx": (["MIT", "Apache-2.0 OR (MIT AND BSD-3-Clause)", "GPL-2.0+"], ["Apache 2.0", "MIT, BSD", "", "MIT OR"]),
    "text": (["a"], ["", " "]),
    "url": (["https://example.com", "https://example.com/a?b#c", "mailto:a@b"], ["example.com", "https://", "a b", ""]),
}


@pytest.mark.parametrize("name", FORMATS)
def test_formats(name: str) -> None:
    good, bad = TABLE[name]
    assert [text for text in good if not FORMATS[name](text)] == []
    assert [text for text in bad if FORMATS[name](text)] == []


def test_a_long_text_takes_no_time() -> None:
    for text in ("a" * 200_000, "a.b-" * 50_000, "(" * 200_000, "1." * 100_000, "MIT OR " * 30_000):
        assert all(isinstance(check(text), bool) for check in FORMATS.values())
