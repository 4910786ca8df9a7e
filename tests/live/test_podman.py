"""The same reader on Podman's Docker-compatible socket, and what Podman leaves out."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from policyengine.authentication.resolving import Text, text
from policyengine.connections.docker_context import endpoint
from policyengine.connections.docker_files import files_of
from policyengine.inputs import docker
from policyengine.inputs.context import Context
from policyengine.inputs.docker.files import ContainerFiles, hidden
from policyengine.inputs.docker.node import Node
from policyengine.model.provenance import Provenance
from policyengine.model.unknown import OpenList, Unknown
from tests.live.conftest import LABEL, missing
from tests.once import ONCE
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.model.resource import Resource

pytestmark = [ONCE, pytest.mark.live]

DOCKERFILE = """\
FROM scratch
COPY busybox /bin/busybox
ENV MODE=production
EXPOSE 8080/tcp
USER 1000
STOPSIGNAL SIGQUIT
ENTRYPOINT ["/bin/busybox"]
CMD ["true"]
"""
PODMAN = Provenance("default", "Podman")


class Podman:
    """Podman with storage of its own, and its service."""

    def __init__(self, directory: Path, busybox: Path) -> None:
        self.directory = directory
        self.prefix = f"policyengine-test-{uuid4().hex[:10]}"
        self.host = f"unix://{directory}/podman.sock"
        # The driver vfs mounts nothing, which would be in the way of the directory's removal.
        storage = ["--storage-driver", "vfs", "--root", str(directory / "root"), "--runroot", str(directory / "run")]
        self._base = ["podman", *storage, "--tmpdir", str(directory / "tmp")]
        shutil.copy(busybox, directory / "busybox")
        (directory / "Dockerfile").write_text(DOCKERFILE)
        self.image = f"localhost/{self.prefix}:1"
        self.run("build", "--format", "docker", "-t", self.image, "--label", f"{LABEL}={self.prefix}", str(directory))

    def run(self, *arguments: str) -> str:
        done = subprocess.run([*self._base, *arguments], capture_output=True, text=True, check=False)
        if done.returncode:
            missing(f"podman cannot {arguments[0]} here: {done.stderr.strip()[-300:]}")
        return done.stdout

    def clear(self) -> None:
        """Remove everything; ``podman system reset`` would free the locks of the machine's own containers as well."""
        for _ in range(2):  # those that others hang on go second
            subprocess.run([*self._base, "rm", "--all", "--force"], capture_output=True, check=False)
        for what in (["rmi", "--all", "--force"], ["volume", "prune", "--force"]):
            subprocess.run([*self._base, *what], capture_output=True, check=False)

    def service(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen([*self._base, "system", "service", "--time=0", self.host], stderr=subprocess.DEVNULL)

    def create(self, short: str, *options: str) -> str:
        name = f"{self.prefix}-{short}"
        self.run("create", "--name", name, *options, self.image)
        return name


@pytest.fixture(scope="module")
def podman(busybox: Path) -> Iterator[Podman]:
    if shutil.which("podman") is None:
        missing("there is no podman")
    if os.geteuid() != 0:
        missing("podman is tried as root only")
    # Podman refuses paths longer than 50 characters, which pytest's are where tests run in several processes.
    directory = Path(tempfile.mkdtemp(prefix="podman-", dir="/tmp"))
    try:
        yield from _served(directory, busybox)
    finally:
        shutil.rmtree(directory)


def _served(directory: Path, busybox: Path) -> Iterator[Podman]:
    made = Podman(directory, busybox)
    service = made.service()
    try:
        until((directory / "podman.sock").is_socket, "Podman's service listens")
        yield made
    finally:
        service.terminate()
        service.wait()
        made.clear()


@pytest.fixture(autouse=True)
def host(podman: Podman, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", podman.host)


def read(url: str) -> list[Resource]:
    context = Context()
    found = [one for one in docker.read_live(url, context) if one.origin == docker.NAME]
    assert (context.problems, context.skipped) == ([], [])
    return found


def untold(field: str) -> Unknown:
    return Unknown(f"container.{field}", "Podman's Docker-compatible API does not tell it")


def test_a_container(podman: Podman) -> None:
    podman.run("volume", "create", f"{podman.prefix}-etc", "-o", "type=none", "-o", "o=bind", "-o", "device=/etc")
    name = podman.create(
        "strict",
        *("--cap-drop", "ALL", "--cap-add", "net_bind_service", "--cap-add", "SYS_TIME"),
        *("--security-opt", "no-new-privileges", "--security-opt", "seccomp=unconfined", "--user", "7:8"),
        *("--read-only", "--read-only-tmpfs=false", "--pids-limit", "50", "--cpus", "1.5", "--memory", "64m"),
        *("-p", "127.0.0.1:8081:8080", "--restart", "always", "--hostname", "web", "--add-host", "a:192.0.2.1"),
        *("--ulimit", "nofile=10:20", "-v", f"{podman.prefix}-etc:/conf:ro", "--tmpfs", "/run:size=1m"),
        *("-e", "A=1", "--label", "team=shop", "--uts", "private", "--stop-signal", "SIGINT"),
    )
    (found, reference) = read(f"docker:///container/{name}")
    expected: dict[str, object] = {
        "name": name,
        "state": "created",
        "command": ["true"],
        "entrypoint": ["/bin/busybox"],
        "user": "7:8",
        "runs_as_root": False,
        "privileged": False,
        "read_only": True,
        "cap_drop": ["ALL"],
        "cap_add": ["NET_BIND_SERVICE", "SYS_TIME"],
        "security_opt": OpenList(["no-new-privileges:true", "seccomp=unconfined"], untold("security_opt")),
        "pids_limit": 50,
        "cpus": 1.5,
        "mem_limit": 64 * 2**20,
        "restart": "always",
        "hostname": "web",
        "uts": None,
        "pid": None,
        "ipc": untold("ipc"),
        "sysctls": untold("sysctls"),
        "init": untold("init"),
        "cgroup": untold("cgroup"),
        "extra_hosts": ["a=192.0.2.1"],
        "stop_signal": "SIGINT",
        "expose": None,
        "ports": [{"target": 8080, "host_ip": "127.0.0.1", "protocol": "tcp", "published": "8081"}],
        "volumes": [
            {"type": "bind", "source": "/etc", "target": "/conf", "read_only": True},
            {"type": "tmpfs", "target": "/run", "read_only": False, "size": 2**20},
        ],
    }
    assert {field: found.facts.get(field) for field in expected} == expected
    ulimits: Any = found.facts["ulimits"]
    assert ulimits["nofile"] == {"soft": 10, "hard": 20}
    labels: Any = found.facts["labels"]
    assert labels["team"] == "shop"
    assert reference.facts["reference"] == podman.image
    assert json.dumps(found.facts["image"]).count(podman.prefix) == 3


def test_a_plain_container(podman: Podman) -> None:
    found = read(f"docker:///container/{podman.create('plain')}")[0]
    expected: dict[str, object] = {
        "user": "1000",
        "cap_drop": ["AUDIT_WRITE", "MKNOD", "NET_RAW"],
        "cap_add": None,
        "expose": ["8080/tcp"],
        "stop_signal": "SIGQUIT",
        "mem_swappiness": None,
        "network_attachments": None,
        "privileged": False,
    }
    assert {field: found.facts.get(field) for field in expected} == expected
    fields = ("cap_drop", "pids_limit", "shm_size", "runtime")
    assert {field: found.provenance((field,)) for field in fields} == dict.fromkeys(fields, PODMAN)
    assert found.provenance(("user",)) == Provenance("inherited", f"image {podman.image}")
    assert found.provenance(("stop_signal",)) == Provenance("inherited", f"image {podman.image}")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--privileged"], {"privileged": True}),
        (["--pid", "host"], {"pid": "host"}),
        (["--uts", "host"], {"uts": "host"}),
        (["--network", "host"], {"network_mode": "host"}),
        (["--network", "none"], {"network_mode": "none"}),
        (["--cap-drop", "CHOWN"], {"cap_drop": ["AUDIT_WRITE", "CHOWN", "MKNOD", "NET_RAW"]}),
        (["--cap-drop", "ALL"], {"cap_drop": ["ALL"], "cap_add": None}),
        (["--cap-add", "SYS_ADMIN"], {"cap_add": ["SYS_ADMIN"]}),
        (["-v", "/etc:/e:ro"], {"volumes": [{"type": "bind", "source": "/etc", "target": "/e", "read_only": True}]}),
        (["-v", "/data"], {"volumes": [{"type": "volume", "target": "/data", "read_only": False}]}),
    ],
    ids=" ".join,
)
def test_option(options: list[str], expected: dict[str, object], podman: Podman) -> None:
    found = read(f"docker:///container/{podman.create(uuid4().hex[:6], *options)}")[0]
    assert {field: found.facts.get(field) for field in expected} == expected


def test_the_network_of_another_container(podman: Podman) -> None:
    first = podman.create("first")
    found = read(f"docker:///container/{podman.create('second', '--network', f'container:{first}')}")[0]
    assert found.facts["network_mode"] == f"container:{first}"
    assert found.facts.keys().isdisjoint({"networks", "network_attachments", "hostname"})


def test_the_whole_engine(podman: Podman) -> None:
    found = read("docker://")
    assert {resource.kind for resource in found} >= {"container", "image_ref", "image", "network", "volume", "engine"}
    engine = found[-1]
    assert (engine.kind, engine.facts["product"]) == ("engine", "podman")
    assert engine.facts["api_version"]
    (image,) = (resource for resource in found if resource.kind == "image" and resource.name == podman.image)
    assert image.facts["user"] == "1000"
    history: Any = image.facts["history"]
    assert any('CMD ["true"]' in step["created_by"] for step in history)


def test_files_of_a_container(podman: Podman) -> None:
    bound = podman.directory / "bound"
    bound.mkdir()
    (bound / "sshd_config").write_text("PermitRootLogin yes\n")
    (bound / "link").symlink_to("/bound/sshd_config")
    name = podman.create("files", "--tmpfs", "/cache", "--volume", f"{bound}:/bound:ro")
    with files_of(endpoint()) as files:
        mounts = hidden(Node(files.engine.container(name), (0,)))
        root = ContainerFiles(
            lambda path, limit: files.taken(name, path, limit),
            lambda path: files.seen(name, path),
            "web",
            mounts,
            follows=True,
        )
        found = text(root, "/bound/link")
        assert isinstance(found, Text)
        assert (found.path, found.text) == ("/bound/sshd_config", "PermitRootLogin yes\n")
        assert isinstance(text(root, "/cache/x"), Unknown)
        assert text(root, "/none/x") is None
        assert text(root, "/bound/none") is None
        bin_ = root.names("/bin")
        assert isinstance(bin_, tuple)
        assert "busybox" in bin_
