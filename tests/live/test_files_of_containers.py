"""Files of real containers and images in every state: the right answer or an unknown with its reason, and no trace."""

from __future__ import annotations

import time
import tracemalloc
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from policyengine.inputs import docker
from policyengine.inputs.context import Context
from policyengine.inputs.docker.reading import FILES_LEFT
from policyengine.model.kinds.sshd import KIND
from policyengine.model.report import Skipped
from policyengine.model.unknown import Unknown
from tests.authentication.layers.tars import M, archive, directory, hard_link, symlink
from tests.live.conftest import LABEL
from tests.waiting import until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.live.conftest import Workbench

pytestmark = pytest.mark.live

CONFIG = "etc/ssh/sshd_config"
FIELD = "permit_root_login"
WANTED = frozenset((KIND.name, field) for field in KIND.fields)
YES = M(CONFIG, "PermitRootLogin yes\n")
SMALL = 32 << 20
"""Bytes of memory that reading takes at most, however large a file is: twice what is read of a directory."""


class Told(NamedTuple):
    """What is told of the servers of a source: of each the field, and where it is written."""

    values: list[object]
    places: list[str]
    problems: list[str]

    @property
    def why(self) -> str:
        """Why the only value is unknown."""
        (value,) = self.values
        assert isinstance(value, Unknown)
        return value.why


def read(url: str) -> Told:
    context = Context(wanted=WANTED)
    found = [one for one in docker.read_live(url, context) if one.kind == KIND.name]
    places = [str(one.where((FIELD,))) for one in found]
    return Told([one.facts.get(FIELD) for one in found], places, [one.message for one in context.problems])


def image(bench: Workbench, *members: M) -> str:
    """An image of one layer, with no program in it."""
    reference = bench.name("files")
    data = archive(directory("etc/"), directory("etc/ssh/"), *members)
    bench.client.api.import_image_from_data(data, reference, "1", [f"LABEL {LABEL}={bench.prefix}"])
    bench.pulled(f"{reference}:1")
    return f"{reference}:1"


def container(
    bench: Workbench, *members: M, script: str | None = None, busybox: Path | None = None, **options: Any
) -> str:
    """A container with such files; it runs where there is a script that it runs first. Gives its URL."""
    programs = [directory("bin/"), M("bin/busybox", busybox.read_bytes(), mode=0o755)] if busybox else []
    command = (
        ["/bin/busybox", "sh", "-c", f"{script}; touch /ready; exec sleep 600"] if script is not None else ["/none"]
    )
    options = {"environment": {"PATH": "/bin"}, **options}
    name = bench.create(image(bench, *programs, *members), command=command, start=script is not None, **options)
    if script is not None:
        until(lambda: "/ready" in changes(bench, name), f"{name} is ready")
    return f"docker:///container/{name}"


def changes(bench: Workbench, url: str) -> set[str]:
    """The paths that were written in a container since it was made."""
    return {str(one["Path"]) for one in bench.client.api.diff(url.rpartition("/")[2]) or []}


@pytest.mark.parametrize("state", ["created", "running", "paused", "exited"])
def test_a_container_in_every_state(state: str, bench: Workbench, busybox: Path) -> None:
    setup = "/bin/busybox --install /bin; echo 'PermitRootLogin yes' >/etc/ssh/sshd_config"
    script = None if state == "created" else setup
    url = container(bench, M(CONFIG, "PermitRootLogin no\n"), script=script, busybox=busybox)
    made = bench.client.containers.get(url.rpartition("/")[2])
    {"paused": made.pause, "exited": made.kill}.get(state, list)()
    made.reload()
    assert made.status == state
    before = (changes(bench, url), made.attrs["State"])
    value = "no" if state == "created" else "yes"
    assert read(url) == ([value], [f"docker://local/container/{made.name}:/{CONFIG}:1:17"], [])
    made.reload()
    assert (changes(bench, url), made.attrs["State"]) == before  # nothing is written
    assert made.attrs["ExecIDs"] is None  # nothing is executed
    if state == "paused":
        made.unpause()


def test_a_container_without_files(bench: Workbench) -> None:
    assert read(container(bench)) == ([], [], [])


@pytest.mark.parametrize(
    ("members", "values"),
    [
        ([M("etc/sshd", "PermitRootLogin yes\n"), symlink(CONFIG, "../sshd")], ["yes"]),
        ([M("etc/sshd", "PermitRootLogin yes\n"), symlink(CONFIG, "../../../../../etc/sshd")], ["yes"]),
        ([M("etc/sshd", "PermitRootLogin yes\n"), symlink(CONFIG, "/etc/sshd")], ["yes"]),
        ([M("etc/sshd", "PermitRootLogin yes\n"), hard_link(CONFIG, "etc/sshd")], ["yes"]),
        ([M(CONFIG, "PermitRootLogin yes\n", mode=0)], ["yes"]),
        ([symlink(CONFIG, "/nowhere")], []),
    ],
)
def test_links_and_modes(members: list[M], values: list[str], bench: Workbench) -> None:
    told = read(container(bench, *members))
    assert (told.values, told.problems) == (values, [])


def test_a_symlink_to_a_file_of_this_host_leads_nowhere(bench: Workbench, tmp_path: Path) -> None:
    (tmp_path / "sshd_config").write_text("PermitRootLogin yes\n")
    for target in (f"{tmp_path}/sshd_config", f"../../../../../..{tmp_path}/sshd_config"):
        assert read(container(bench, symlink(CONFIG, target))).values == []
        bench.clear()


def test_a_ring_of_symlinks_is_unknown(bench: Workbench) -> None:
    told = read(container(bench, symlink(CONFIG, "other"), symlink("etc/ssh/other", "sshd_config")))
    assert told.why.endswith("/etc/ssh/sshd_config: more than 40 symbolic links")


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ({"tmpfs": {"/etc/ssh": ""}}, "/etc/ssh"),
        ({"mounts": [{"Type": "tmpfs", "Target": "/etc/ssh/"}]}, "/etc/ssh"),
        ({"tmpfs": {"/etc": ""}}, "/etc"),
    ],
)
def test_a_file_on_a_tmpfs_is_unknown(options: dict[str, Any], path: str, bench: Workbench) -> None:
    told = read(container(bench, YES, **options))
    assert told.why.endswith(f":{path} is on {path}, a tmpfs, which the engine does not see")


def test_a_symlink_to_proc_is_unknown(bench: Workbench) -> None:
    told = read(container(bench, symlink(CONFIG, "/proc/self/environ")))
    assert told.why.endswith(":/proc is on /proc, a file system of the kernel's, which the engine does not see")


def test_binds_and_volumes_are_seen(bench: Workbench, tmp_path: Path, busybox: Path) -> None:
    (tmp_path / "sshd_config").write_text("PermitRootLogin yes\n")
    url = container(
        bench, M(CONFIG, "PermitRootLogin no\n"), volumes={str(tmp_path): {"bind": "/etc/ssh", "mode": "ro"}}
    )
    assert read(url).values == ["yes"]
    bench.clear()
    volume = bench.volume("config")
    options: dict[str, Any] = {"volumes": {volume: {"bind": "/etc/ssh"}}, "tmpfs": {"/etc": ""}}
    url = container(
        bench,
        busybox=busybox,
        script="/bin/busybox --install /bin; echo PermitRootLogin yes >/etc/ssh/sshd_config",
        **options,
    )
    told = read(url)
    assert told.why.endswith(":/etc is on /etc, a tmpfs, which the engine does not see")


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("mkfifo /etc/ssh/sshd_config", "is a special file (FIFO, socket or device) and no regular file"),
        ("mknod /etc/ssh/sshd_config c 1 5", "is a special file (FIFO, socket or device) and no regular file"),
        ("truncate -s 1G /etc/ssh/sshd_config", "is longer than 1048576 bytes"),
    ],
)
def test_what_is_no_file_that_can_be_read(script: str, why: str, bench: Workbench, busybox: Path) -> None:
    url = container(bench, busybox=busybox, script=f"/bin/busybox --install /bin; {script}")
    tracemalloc.start()
    began = time.monotonic()
    told = read(url)
    took, (_, peak) = time.monotonic() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert told.why.endswith(why)
    assert told.problems == []
    assert took < 30
    assert peak < 3 * SMALL


def test_a_large_file_hides_no_other(bench: Workbench, busybox: Path) -> None:
    url = container(bench, YES, busybox=busybox, script="/bin/busybox --install /bin; truncate -s 1G /etc/a")
    assert read(url).values == ["yes"]


def test_an_image_of_several_layers(bench: Workbench) -> None:
    first = image(bench, YES, M("etc/ssh/sshd_config.d/x.conf", "PermitRootLogin no\n"))
    assert read(f"docker:///image/{first}") == (["yes"], [f"docker://local/image/{first}:/{CONFIG}:1:17"], [])


def test_a_container_that_is_gone_meanwhile(bench: Workbench) -> None:
    from policyengine.connections.docker_context import endpoint
    from policyengine.connections.docker_files import files_of
    from policyengine.inputs.docker.files import ContainerFiles

    url = container(bench, YES)
    name = url.rpartition("/")[2]
    with files_of(endpoint()) as files:
        root = ContainerFiles(
            lambda path, limit: files.taken(name, path, limit), lambda path: files.seen(name, path), url, {}
        )
        assert root.names("/etc/ssh") == ("sshd_config",)
        bench.client.api.remove_container(name)
        found = root.entry("/usr")
        assert isinstance(found, Unknown)
        assert "No such container" in found.why
        assert root.entry(f"/{CONFIG}") is not None  # what was read is known


def test_of_a_whole_engine_they_are_read_where_somebody_asked_for_it(bench: Workbench) -> None:
    """What takes minutes is not done for the default pack alone; a container that is named is read for any."""
    url = container(bench, YES)
    for asked_for, source, found in (
        (WANTED, "docker://", True),
        (frozenset(), "docker://", False),
        (frozenset(), url, True),
    ):
        context = Context(wanted=WANTED, asked_for=asked_for)
        told = [one for one in docker.read_live(source, context) if one.kind == KIND.name]
        assert bool(told) is found
        left = [] if found else [Skipped("docker://local", FILES_LEFT)]
        assert [one for one in context.skipped if one.reason == FILES_LEFT] == left
    context = Context(wanted=frozenset(), asked_for=frozenset())
    assert KIND.name not in {one.kind for one in docker.read_live("docker://", context)}
    assert FILES_LEFT not in {one.reason for one in context.skipped}
