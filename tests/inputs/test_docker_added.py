from __future__ import annotations

import pytest

from policyengine.inputs.docker.added import copied_by_add
from policyengine.model.unknown import Unknown

NOP = "/bin/sh -c #(nop)"


@pytest.mark.parametrize(
    ("created_by", "wanted"),
    [
        ("ADD app.jar /app.jar # buildkit", True),
        ("ADD --chown=1:1 a.tgz b /app/ # buildkit", True),
        ("ADD . /app", True),
        (f"{NOP} ADD dir:aaaa in /app ", True),
        ("ADD rootfs.tar.xz / # buildkit", False),
        ("ADD https://example.com/a /a # buildkit", False),
        ("ADD git@github.com:acme/a.git /a # buildkit", False),
        (f"{NOP} ADD file:aaaa in / ", False),
        ("COPY a /a # buildkit", None),
        (f"{NOP} COPY file:aaaa in /a ", None),
        ("/bin/sh -c ADD a b", None),
        ("RUN /bin/sh -c make # buildkit", None),
        ("", None),
    ],
)
def test_what_the_history_tells(created_by: str, *, wanted: bool | None) -> None:
    assert copied_by_add(created_by) is wanted


@pytest.mark.parametrize("created_by", [f"{NOP} ADD file:aaaa in /a ", f"{NOP} ADD multi:aaaa in / "])
def test_what_it_does_not_tell(created_by: str) -> None:
    assert isinstance(copied_by_add(created_by), Unknown)
