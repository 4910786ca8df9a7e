"""What dockerd refuses, compared with the dockerd that is here."""

from __future__ import annotations

import json
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from policyengine.authentication.docker.daemon import CONFIG, Refusal, read
from policyengine.authentication.docker.options import BY_FLAG, FLAGS_ONLY, OPTIONS
from policyengine.authentication.files import Given
from tests.authentication.docker.real import known_flags, lacking, refusal
from tests.once import ONCE

if TYPE_CHECKING:
    from policyengine.authentication.docker.options import Option

pytestmark = pytest.mark.skipif(lacking() is not None, reason=lacking() or "")

Case = tuple[str, tuple[str, ...]]
"""What daemon.json holds, and the flags."""

VALUES: tuple[Any, ...] = (True, False, 0, 7, 1.5, "", "x", [], ["a"], [1], {}, {"a": "b"}, {"a": 1}, None)
RIGHT: dict[str, Any] = {"boolean": True, "integer": 1500, "string": "x", "list": ["a"], "map": {"a": "b"}}
PARTICULAR = {
    *("dns", "dns-search", "labels", "hosts", "registry-mirrors", "insecure-registries", "node-generic-resources"),
    *(
        "default-gateway",
        "default-gateway-v6",
        "ip",
        "host-gateway-ip",
        "host-gateway-ips",
        "bip",
        "fixed-cidr",
        "fixed-cidr-v6",
    ),
    *("default-shm-size", "default-ipc-mode", "default-cgroupns-mode", "default-runtime", "network-diagnostic-port"),
    *(
        "cluster-advertise",
        "cluster-store",
        "api-cors-header",
        "max-download-attempts",
        "allow-nondistributable-artifacts",
    ),
    *("log-level", "max-concurrent-downloads", "max-concurrent-uploads", "mtu", "exec-opts", "metrics-addr"),
    *("swarm-raft-heartbeat-tick", "swarm-raft-election-tick"),
    "containerd-plugins-namespace",
}
"""Options whose values are looked at more closely than for their types: https://github.com/moby/moby, ``Validate``.

The last is looked at by another name than its flag's, by which it is refused.
"""


def refused(text: str | None, flags: tuple[str, ...] = ()) -> bool:
    """Whether we say that dockerd refuses it."""
    files = {} if text is None else {CONFIG: text}
    unit = f"[Service]\nExecStart=/usr/bin/dockerd {' '.join(flags)}\n"
    found = read(Given({**files, "/etc/systemd/system/docker.service": unit}))
    return isinstance(found, Refusal) or (found is not None and bool(found.strange))


CASES: list[Case] = [
    ("{}", ()),
    ('{"icc": 1}', ()),
    ('{"foo": 1}', ()),
    ('{"Icc": true}', ()),
    ('{"icc": null}', ()),
    ('{"a": {"icc": true}}', ()),
    ('{"a": {"b": true}}', ()),
    ('{"log-level": "quiet"}', ()),
    ('{"log-level": "WARN"}', ()),
    ('{"icc": true', ()),
    ("[]", ()),
    ('{"hosts": ["unix:///x"]}', ("-H", "fd://")),
    ('{"hosts": []}', ("-H", "fd://")),
    ('{"debug": true}', ("-D",)),
    ('{"debug": true}', ("-l", "warn")),
    ('{"runtimes": {}}', ("--add-runtime", "a=/b")),
    ("{}", ("-DH", "fd://")),
    ("{}", ("-Hfd://",)),
    ("{}", ("-H=fd://",)),
    ("{}", ("-DHfd://",)),
    ("{}", ("-H",)),
    ("{}", ("--icc=maybe",)),
    ("{}", ("--icc=F",)),
    ("{}", ("--icc", "false")),
    ("{}", ("--mtu", "x")),
    ("{}", ("--mtu=1400",)),
    ("{}", ("--mtu",)),
    ("{}", ("--nothing",)),
    ("{}", ("-X",)),
    ("{}", ("word",)),
    ("{}", ("--default-ulimit", "nofile=64:128")),
    ("{}", ("--default-ulimit", "nofile=many")),
    ('{"default-ulimits": {"nofile": {"Name": "nofile", "Soft": 1, "Hard": 2}}}', ("--default-ulimit", "core=0")),
    ('{"tlsverify": false}', ("--tls",)),
    ('{"tls": false}', ("--tls",)),
]


def wrong(cases: list[Case]) -> list[tuple[Case, str | None]]:
    """The cases that dockerd judges otherwise, with what it said. Asking it is mostly waiting."""

    def asked(case: Case) -> str | None:
        with tempfile.TemporaryDirectory() as name:
            Path(name).chmod(0o755)  # nobody is to look into it
            return refusal(Path(name), *case)

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(asked, cases))
    return [(case, said) for case, said in zip(cases, told, strict=True) if refused(*case) != (said is not None)]


def test_what_is_refused() -> None:
    assert wrong(CASES) == []


@ONCE
def test_types_of_random_options() -> None:
    """One option of a random type among others of the right ones."""
    known = plain()
    assert wrong([(_mistyped(Random(seed), known), ()) for seed in range(60)]) == []


def plain() -> list[Option]:
    """The options of which dockerd looks at nothing but the type."""
    known = known_flags()
    return [
        one for key, one in sorted(OPTIONS.items()) if one.flag in known and key not in PARTICULAR and one.form in RIGHT
    ]


def _mistyped(random: Random, known: list[Option]) -> str:
    chosen = random.sample(known, 5)
    values = {one.key: RIGHT[one.form] for one in chosen}
    values[chosen[0].key] = random.choice(VALUES)
    return json.dumps(values)


@ONCE
def test_options_that_are_given_twice() -> None:
    known = plain()
    assert wrong([_twice(Random(seed), known) for seed in range(40)]) == []


def _twice(random: Random, known: list[Option]) -> Case:
    in_file = {one.key: RIGHT[one.form] for one in random.sample(known, 4)}
    return json.dumps(in_file), tuple(word for one in random.sample(known, 6) for word in _flag(one))


def _flag(option: Option) -> list[str]:
    if option.form == "boolean":
        return [f"--{option.flag}"]
    return [f"--{option.flag}", "a=b" if option.form == "map" else "7" if option.form == "integer" else "x"]


def test_all_its_flags_are_known() -> None:
    assert known_flags() - BY_FLAG.keys() - FLAGS_ONLY.keys() == {"add-host"}  # which it tells of in passing
