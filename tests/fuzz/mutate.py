"""Inputs that nobody would write: real ones with things moved, doubled, cut, replaced; and plain noise."""

from __future__ import annotations

import copy
import json
import random
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

YAML_WORDS = (
    b": ", b"- ", b"\n", b"\n  ", b"\n- ", b"{", b"}", b"[", b"]", b",", b"'", b'"', b"|\n", b">-\n", b"&a ", b"*a",
    b"<<: *a\n", b"!!str ", b"!!binary ", b"!reset ", b"? ", b"---\n", b"...\n", b"%YAML 1.2\n", b"#", b"~", b"null",
    b"true", b"no", b"0", b"-1", b"1e400", b".nan", b"0x", b"0o777", b"2001-01-01",
    b"9999999999999999999999999999999999999999", b"\t", b"\\x41", b"\xef\xbb\xbf", b"\xff\xfe", b"\xe2\x80\xa8",
    b"apiVersion: v1\n", b"kind: List\n", b"kind: Pod\n", b"metadata: {name: a}\n", b"spec:\n", b"containers:\n",
    b"items:\n", b"services:\n", b"image: ", b"build: .\n", b"ports:\n", b"- 80:80\n", b"- '65536-1:80/udp'\n",
    b"volumes:\n", b"- /:/host\n", b"environment:\n", b"extends: ", b"include:\n", b"deploy:\n", b"${A:-${B}}", b"${",
    b"$$", b"${A:?x}", b"docker_snapshot: 1\n", b"HostConfig: {}\n", b"securityContext:\n", b"valueFrom:\n",
    b"rules:\n", b"{{ .Values }}", b"command: [kube-apiserver, --a=b]\n",
)  # fmt: skip
DOCKERFILE_WORDS = (
    b"FROM ", b"FROM a AS b\n", b"RUN ", b"RUN <<EOF\n", b"EOF\n", b"COPY --from=b ", b"ADD ", b"ARG ", b"ENV A=",
    b"ENV A ", b"USER ", b"EXPOSE 1-70000/tcp\n", b"HEALTHCHECK ", b"SHELL [", b"ONBUILD ", b"\\\n", b"`\n",
    b"# escape=`\n", b"# syntax=a\n", b"${A:-", b"${A#*}", b"${A//b/c}", b"$A", b"}", b'["', b'"]',
    b"--mount=type=bind", b"\r\n", b"'", b'"', b"&& ", b"| ", b"$(", b")", b"if true; then ", b"fi\n",
    b"<<-'X' <<Y\n", b"LABEL a=b ", b"VOLUME ", b"\x00", b"\xff", b"\xe2\x80\xa8",
)  # fmt: skip


VARIABLE_WORDS = (
    b"A=b\n", b"A='b\n", b'A="${B}\n', b"export ", b"${A:-", b"${A:?x}", b"COMPOSE_FILE=base.yaml:compose.yaml\n",
    b"#", b"COMPOSE_PROFILES=*\n", b"COMPOSE_PROJECT_NAME=\n", b"\\", b"$", b"=", b": ", b"\n", b"\r", b"\x00", b"\xff",
    b"'", b'"',
)  # fmt: skip
FIREWALL_WORDS = (
    b"*filter\n", b"*nat\n", b"COMMIT\n", b":INPUT DROP [0:0]\n", b":X - [0:0]\n", b"-A INPUT ", b"-A X ", b"-j X\n",
    b"-j ACCEPT", b"-g X", b"-j DNAT --to-destination 10.0.0.1:80-90/5", b"! ", b"-s 10.0.0.0/33", b"-s ::1/128",
    b"-p tcp -m tcp --dport 70000", b"-m multiport --dports 1,2:3", b"-m set --match-set a src", b"-m conntrack ",
    b"--ctstate NEW,X", b"-i a+", b"[1:2] ", b'"', b"\\", b"# Generated\n", b'{"nftables": [', b'{"rule": {',
    b'"expr": [',
    b'{"match": {"op": "==", "left": {"meta": {"key": "mark"}}, "right": 1}}',
    b'{"jump": {"target": "input"}}', b"]}",
    b"null", b"-1", b"99999999999999999999", b"\r\n", b"\x00", b"\xff",
)  # fmt: skip
ACCOUNTS_WORDS = (
    b"root:x:0:0::/root:/bin/sh\n", b"bob:x:1000:1000::/home/bob:\n", b"+::::::\n", b"-@staff\n", b"shadow:x:42:bob\n",
    b":x:", b"::", b"4294967295", b"4294967296", b"-1", b"0x10", b"!", b"*", b"$6$salt$", b"_", b"$y$", b"bob,", b",,",
    b"UID_MIN 010\n", b'UMASK "027', b"PASS_MAX_DAYS\t99999999999999999999\n", b"CREATE_HOME yes\n",
    b"#", b" ", b"\t", b"\f", b"\r\n", b"\x00", b"\xff", b"/" * 50, b"../..",
)  # fmt: skip
SSHD_WORDS = (
    b"PermitRootLogin yes\n", b"Match User bob\n", b"Match all\n", b"Match Address 10.0.0.0/8,!*\n", b"Include *\n",
    b"Include sshd_config\n", b"Ciphers +", b"-*", b"^", b"!", b",", b"AllowUsers ", b"@", b"*a" * 50, b"?",
    b"[::1]:22", b"MaxStartups 1:2:3\n", b"RekeyLimit 1G 1h\n", b"Port 99999999999999999999\n",
    b"=", b'"', b"'", b"\\", b"#",
    b"\t", b"\f", b"\r\n", b"\x00", b"\xff", b"~root/", b"%d", b"none", b"any",
)  # fmt: skip
SSH_WORDS = (
    b"Host *\n", b"Host bastion !web*\n", b"Match all\n", b"Match final\n", b"Match host *.org user bob\n",
    b"Match exec true\n", b"Include *\n", b"Include ssh_config\n", b"MACs -", b"Ciphers +", b"^", b"!", b",",
    b"RekeyLimit 1G 1h\n", b"SendEnv A -*\n", b"HostName %h.org\n", b"IgnoreUnknown *\n", b"ForwardAgent yes\n",
    b"CanonicalizeHostname yes\n", b"Port 99999999999999999999\n", b"=", b'"', b"'", b"\\", b"#", b"*a" * 50, b"?",
    b"\t", b"\f", b"\r\n", b"\x00", b"\xff", b"~root/", b"none",
)  # fmt: skip
SUDOERS_WORDS = (
    b"bob ALL=(ALL:ALL) ALL\n", b"Defaults use_pty\n", b"Defaults:bob !authenticate\n", b"User_Alias A = A\n",
    b"User_Alias B = A, A, A, A\n", b"Cmnd_Alias C = C, /bin/ls\n", b"@include sudoers\n", b"@includedir .\n",
    b"NOPASSWD:", b"SETENV:", b"CWD=", b"TIMEOUT=1d2h", b"NOTAFTER=20300101000000Z", b"sha256:", b"%#0", b"#-1", b"+a",
    b"^", b"$", b"[", b"(", b")", b"{", b"}", b"*" * 50, b"\\x00", b"\\xff", b"!" * 51, b"::1", b"%h",
    b"=", b"+=", b'"', b"\\\n", b"\\", b":", b",", b"\t", b"\f", b"\r\n", b"\x00", b"\xff", b"list", b"sudoedit",
)  # fmt: skip
IGNORE_WORDS = (
    b"*\n", b"**\n", b"!", b"[a-", b"]", b"[^", b"\\", b"?", b"/", b"../", b"#", b"**/" * 50, b"*a" * 200, b"\n",
    b"\x00", b"\xff",
)  # fmt: skip


_VALUES: tuple[object, ...] = (
    None, True, False, 0, -1, 65536, 10**30, 1.5, float("nan"), float("inf"), "", "no", "root", "0", "*", "${A:-b}",
    "a:b", "/", "../..", "80-90:80-90/udp", "10.0.0.0/8", "::", "nginx:latest", "x" * 5000, "\ud83d\ude00", "\u2028",
    [], {}, [None], [[]], {"": None}, {"name": None}, [{"name": "a"}] * 3, ["ALL", None, 5], {"a": {"b": {"c": [1]}}},
    "a:" * 3000, "${A:-" * 500, "$" * 5000, "\\" * 5000, "/.." * 2000, "1," * 3000, "-" * 5000, "{{" * 2000, "'" * 5000,
    "a=b " * 2000, "*" * 3000, "1" * 900, "9" * 5000, "0" * 2000 + "x", "10.0.0.0/" * 500, ":" * 5000, "@" * 3000,
    "\x00", "\x1b[2J", "\u202e", "a\nb", "\t", " ", "=", "a=", "=a", "a\u0000=b", "\ufeff", "\ud7ff",
    "base.yaml", "./base.yaml", ".", "..", "compose.yaml", "app.env", "oci://a/b", "https://a/b.git#c:d", "service:a",
    {"file": "base.yaml", "service": "web"}, {"service": "web"}, {"path": ["base.yaml", "compose.yaml"]},
    ["app.env", {"path": ".env", "required": False, "format": "raw"}], {"context": ".", "dockerfile_inline": "FROM a"},
)  # fmt: skip
_KEYS = (
    "name", "image", "", "x-a", "privileged", "<<", "\u00e9", "extends", "include", "env_file", "label_file", "build",
    "Config", "HostConfig", "Mounts", "Healthcheck", "spec", "template", "items", "metadata", "\u0000", "a b",
)  # fmt: skip
_DEEP = {"in sequences": ("[", "]"), "in mappings": ('{"a":', "}")}
"""Stands for a value so deep inside others that what goes down to it by recursion had better not."""
_DEPTH = 150


class TreeMutator:
    """Makes well-formed YAML with values of the wrong type, in the wrong place, lost or doubled."""

    def __init__(self, samples: Sequence[bytes], seed: int) -> None:
        self._random = random.Random(seed)
        self._trees = [tree for sample in samples for tree in _trees(sample)]

    def input(self) -> bytes:
        """The next one: JSON, which is YAML."""
        tree = copy.deepcopy(self._random.choice(self._trees))
        for _ in range(self._random.choice((1, 1, 2, 3, 8))):
            self._change(tree)
        text = json.dumps(tree, default=str)
        for word, (opening, closing) in _DEEP.items():
            text = text.replace(f'"{word}"', f"{opening * _DEPTH}0{closing * _DEPTH}")
        return text.encode()

    def _change(self, tree: object) -> None:
        places = list(_places(tree))
        if not places:
            return
        container, key = self._random.choice(places)
        way = self._random.random()
        if way < 0.5:
            container[key] = copy.deepcopy(self._random.choice(_VALUES))
        elif way < 0.6:
            del container[key]
        elif way < 0.65:
            container[key] = [container[key]] if self._random.random() < 0.5 else {"name": container[key]}
        elif way < 0.66:
            container[key] = self._random.choice(list(_DEEP))
        elif way < 0.72:
            other, place = self._random.choice(list(_places(self._random.choice(self._trees))) or places)
            container[key] = copy.deepcopy(other[place])
        elif way < 0.85:
            other, place = self._random.choice(places)
            container[key] = copy.deepcopy(other[place])
        elif isinstance(container, list):
            container.append(copy.deepcopy(container[key]))
        else:
            container[self._random.choice(_KEYS)] = copy.deepcopy(container[key])


def _trees(sample: bytes) -> list[Any]:
    """The values in a sample that are of use; none of one that PyYAML does not read."""
    try:
        found = list(yaml.load_all(sample, Loader=yaml.CSafeLoader))
    except (yaml.YAMLError, ValueError):
        return []
    trees = (json.loads(json.dumps(tree, default=str, skipkeys=True)) for tree in found)  # nothing is in it twice
    return [tree for tree in trees if isinstance(tree, dict) and len(repr(tree)) < 30_000]


def _places(tree: object) -> Iterator[tuple[Any, Any]]:
    """Every mapping and sequence with each of its keys."""
    if isinstance(tree, dict | list):
        for key, value in list(tree.items() if isinstance(tree, dict) else enumerate(tree)):
            yield tree, key
            yield from _places(value)


class Mutator:
    """Makes inputs from samples, the same ones for the same seed."""

    def __init__(self, samples: Sequence[bytes], words: Sequence[bytes], seed: int) -> None:
        self._samples = samples
        self._words = words
        self._random = random.Random(seed)
        self._ways: tuple[Callable[[bytes], bytes], ...] = (
            self._inserted,
            self._inserted,
            self._cut,
            self._doubled,
            self._moved,
            self._flipped,
            self._line_lost,
            self._line_indented,
            self._value_replaced,
            self._value_replaced,
            self._spliced,
        )

    def input(self) -> bytes:
        """The next one."""
        if self._random.random() < 0.03:
            return self._random.randbytes(self._random.randrange(200))
        data = self._random.choice(self._samples)
        if len(data) > 20_000:
            start = self._random.randrange(len(data) - 20_000)
            data = data[start : start + 20_000]
        for _ in range(self._random.choice((1, 1, 2, 3, 5, 12))):
            data = self._random.choice(self._ways)(data)
        return data

    def _place(self, data: bytes) -> int:
        return self._random.randrange(len(data) + 1)

    def _word(self) -> bytes:
        return self._random.choice(self._words)

    def _stretch(self, data: bytes) -> tuple[int, int]:
        start = self._place(data)
        return start, min(len(data), start + self._random.choice((1, 3, 10, 40, 200)))

    def _inserted(self, data: bytes) -> bytes:
        at = self._place(data)
        return data[:at] + self._word() + data[at:]

    def _cut(self, data: bytes) -> bytes:
        start, end = self._stretch(data)
        return data[:start] + data[end:]

    def _doubled(self, data: bytes) -> bytes:
        start, end = self._stretch(data)
        return data[:end] + data[start:end] * self._random.choice((1, 1, 2, 50)) + data[end:]

    def _moved(self, data: bytes) -> bytes:
        start, end = self._stretch(data)
        rest = data[:start] + data[end:]
        at = self._place(rest)
        return rest[:at] + data[start:end] + rest[at:]

    def _flipped(self, data: bytes) -> bytes:
        if not data:
            return data
        at = self._random.randrange(len(data))
        return data[:at] + bytes([data[at] ^ (1 << self._random.randrange(8))]) + data[at + 1 :]

    def _line_lost(self, data: bytes) -> bytes:
        lines = data.split(b"\n")
        del lines[self._random.randrange(len(lines))]
        return b"\n".join(lines)

    def _line_indented(self, data: bytes) -> bytes:
        lines = data.split(b"\n")
        at = self._random.randrange(len(lines))
        lines[at] = b"  " + lines[at] if self._random.random() < 0.5 else lines[at].removeprefix(b"  ")
        return b"\n".join(lines)

    def _value_replaced(self, data: bytes) -> bytes:
        """What stands after a colon or an equals sign becomes something else: another type, more often than not."""
        places = [at for at, byte in enumerate(data) if byte in b":="]
        if not places:
            return data
        at = self._random.choice(places) + 1
        end = data.find(b"\n", at)
        return data[:at] + b" " + self._word().strip() + data[end if end >= 0 else len(data) :]

    def _spliced(self, data: bytes) -> bytes:
        other = self._random.choice(self._samples)
        return data[: self._place(data)] + other[self._place(other) :][:5000]
