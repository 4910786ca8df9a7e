"""What a container has written: what is lost, and what mounts a read-only one needs."""

from __future__ import annotations

import pytest

from policyengine.remediation.changes import SetField
from policyengine.remediation.desired import Wish
from policyengine.remediation.writes import warning, with_room, written

READ_ONLY = Wish("readonly-rootfs", (SetField(("read_only",), value=True),))


@pytest.mark.parametrize(
    ("told", "files"),
    [
        ([], ()),
        (["/var", "/var/log", "/var/log/a.log", "/var/log-b"], ("/var/log-b", "/var/log/a.log")),
        (["/run", "/run/x.pid", "/tmp"], ("/run/x.pid", "/tmp")),
    ],
)
def test_files_and_empty_directories(told: list[str], files: tuple[str, ...]) -> None:
    assert written([{"Path": path, "Kind": 0} for path in told]) == files


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ((), None),
        (("/run/x.pid", "/tmp/a/b"), None),
        (("/data/a", "/run/x"), "what it has written into its own files is not carried over: /data/a"),
        (
            tuple(f"/data/{number}" for number in range(5)),
            "what it has written into its own files is not carried over: /data/0, /data/1, /data/2 and 2 more",
        ),
    ],
)
def test_what_is_lost(files: tuple[str, ...], told: str | None) -> None:
    assert warning(files) == told


def test_what_engines_make_to_mount_something_on_is_nothing_that_was_written() -> None:
    told = [{"Path": path, "Kind": 1} for path in ("/srv", "/srv/data", "/etc/x")]
    assert written(told, ["/srv/data/", "/run/secrets"]) == ("/etc/x",)


def test_a_read_only_container_gets_room_where_it_writes() -> None:
    files = ("/run/nginx/nginx.pid", "/var/cache/nginx/a/b", "/var/cache/nginx/c", "/var/tmp/x")
    found = with_room(READ_ONLY, files, {"volumes": [{"type": "bind", "target": "/srv"}]})
    assert isinstance(found, Wish)
    assert found.changes[1:] == (
        SetField(("volumes", 1), {"type": "tmpfs", "target": "/run"}),
        SetField(("volumes", 1), {"type": "volume", "target": "/var/cache/nginx"}),
        SetField(("volumes", 1), {"type": "tmpfs", "target": "/var/tmp"}),
    )


def test_there_is_no_room_at_the_top() -> None:
    assert with_room(READ_ONLY, ("/.cache", "/tmp/x"), {}) == "it writes /.cache, and / cannot be mounted over"


def test_who_writes_nothing_needs_no_room_and_other_wishes_neither() -> None:
    other = Wish("privileged", (SetField(("privileged",), value=False),))
    assert with_room(READ_ONLY, (), {}) == READ_ONLY
    assert with_room(other, ("/x",), {}) == other
