"""Where users' files may lie."""

from __future__ import annotations

import pytest

from policyengine.authentication.files import Given
from policyengine.authentication.homes import homes
from policyengine.model.unknown import Unknown


@pytest.mark.parametrize(
    ("passwd", "expected"),
    [
        ("", ("/root", "/home/bob")),
        ("app:x:1000:1000::/srv/app/:/bin/sh\n", ("/root", "/srv/app", "/home/bob")),
        ("bin:x:1:1::/bin:/bin/sh\nsys:x:3:3::/usr/lib/sys:/bin/sh\nno:x:4:4::/:/bin/sh\n", ("/root", "/home/bob")),
        ("dev:x:1000:1000::/developers/dev:/bin/sh\n", ("/root", "/developers/dev", "/home/bob")),
    ],
)
def test_homes(passwd: str, expected: tuple[str, ...]) -> None:
    assert homes(Given({"/etc/passwd": passwd, "/home/bob/.env": ""})) == expected


def test_what_cannot_be_read_is_told() -> None:
    users, listed = Unknown("/etc/passwd", "no"), Unknown("/home", "no")
    assert homes(Given({"/etc/passwd": users, "/home": listed})) == ("/root", users, listed)


def test_of_very_many_the_first_are_looked_into() -> None:
    found = homes(Given({f"/home/u{number}/.env": "" for number in range(600)}))
    assert len(found) == 513
    assert isinstance(found[-1], Unknown)
    assert found[-1].why == "there are 601 homes, and files are looked for in 512 at most"
