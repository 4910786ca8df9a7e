from __future__ import annotations

import pytest

from policyengine.images.downloads import downloads

from .calls import calls

FOUND = [
    ("curl -fsSL -H 'A: http://no' http://example.com/a", ["http://example.com/a"]),
    (
        "wget -O http.txt https://user:secret@example.com/a ftp://example.com/b",
        ["https://example.com/a", "ftp://example.com/b"],
    ),
    ("curl $URL ${BASE}/a --proxy http://proxy", [None, "https://example.com/a"]),
    ("git clone --depth 1 http://example.com/a.git dir", ["http://example.com/a.git"]),
    ("git config url.http://example.com/.insteadOf x", []),
    ("pip install -i http://example.com/simple a", ["http://example.com/simple"]),
    ("npm config set registry http://example.com", ["http://example.com"]),
    ("rpm -i http://example.com/a.rpm", ["http://example.com/a.rpm"]),
    ("apt-get install http://example.com/a.deb; apk add -X http://example.com/edge b", []),
    ("echo http://example.com", []),
]


@pytest.mark.parametrize(("script", "urls"), FOUND)
def test_addresses(script: str, urls: list[str | None]) -> None:
    assert [found.url for found in downloads(calls(script), {"BASE": "https://example.com"})] == urls


CHECKED = [
    ("curl -O http://example.com/a && sha256sum -c a.sum", [True]),
    ("curl -O $A && echo $S | sha512sum --check", [True]),
    ("curl -O http://example.com/a && gpg --batch --verify a.asc a", [True]),
    ("sha256sum -c a.sum && curl -O http://example.com/a", [False]),
    ("curl -O http://example.com/a && sha256sum a", [False]),
]


@pytest.mark.parametrize(("script", "verified"), CHECKED)
def test_whether_they_are_verified(script: str, verified: list[bool]) -> None:
    assert [found.verified for found in downloads(calls(script), {})] == verified
