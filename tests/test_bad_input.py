"""Whatever is wrong with an input, it is told with its place, the run ends with 2, and everything else is judged.

Each case runs the command itself beside :data:`POD`, whose violation has to be found all the same, within bounded time
and memory, and without a word of what may be secret.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests import running
from tests.connections.engines import Closed, answering, dead, saying, silent
from tests.prepared import Bounds
from tests.running import COMMAND, POD, Ended, cli, run, variables

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

FOUND = "good.yaml:8:37: critical privileged web runs privileged"
CHECK = ("check", "--select", "privileged", "--format", "text")
MARKER = "hunter2-marker"
MEMORY = 1 << 30
SECONDS = 60
"""Of processor time: far more than any case takes, far less than what takes time without end."""
SILENT = 55.0
"""By the clock: an engine is given 30 s for an answer, once."""

HEAD = "apiVersion: v1\nkind: Pod\n"
JSON = '{"apiVersion": "v1", "kind": "Pod", '
MANIFEST = POD.replace("name: web}", "name: caf\u00e9}", 1)
YAML = "malformed YAML"
WIDE = "UTF-16 or UTF-32 text without a byte order mark (save it as UTF-8)"
STAIRS = "".join(f"{' ' * level}a:\n" for level in range(999))
TAGS = "".join(f"%TAG !{tag}! a\n" for tag in range(2000)) + f"---\n{HEAD}"
CIRCLE = "services:\n  a: {extends: b}\n  b: {extends: a}\n"
UNKNOWN_KIND = (
    "not of a known kind "
    "(input kinds are accounts, compose, docker, docker_config, dockerfile, firewall, host, kubernetes, ssh, sshd, "
    "sudoers)"
)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A directory with a good file."""
    (tmp_path / "good.yaml").write_text(POD)
    return tmp_path


def checked(place: Path, *sources: str, memory: int = MEMORY, **more: str) -> Ended:
    """How ``check`` ends, with what it may take bounded; fails when that is not enough, or it breaks."""
    found = run([*CHECK, *sources], place, variables(**more), bounds=Bounds(memory, SECONDS))
    assert found.code != -signal.SIGXCPU, f"it takes more than {SECONDS} s of processor time"
    assert "Traceback" not in found.out + found.err
    assert MARKER not in found.out + found.err
    return found


def problems(ended: Ended) -> list[str]:
    """What is told beside the finding in the good file, and what is not known."""
    assert ended.err == ""
    assert FOUND in ended.out.splitlines()
    return [line for line in ended.out.splitlines() if line != FOUND and ": unknown " not in line]


def bomb() -> str:
    """Ten to the ninth values."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]" for level in range(1, 10)]
    return HEAD + "\n".join(lines)


class Bad(NamedTuple):
    """A file's name and content, and the problem that it is. ``walked`` is false where a directory may hold such."""

    name: str
    data: str | bytes
    told: str
    walked: bool = True


MALFORMED = [
    Bad("a.yaml", HEAD + "a: {b: c\nspec: 1\n", "4:5: error malformed YAML: did not find expected ',' or '}'"),
    Bad("a.yaml", HEAD + "metadata:\n  a: 1\n b: 2\n", "5:2: error malformed YAML: did not find expected key"),
    Bad("a.yaml", HEAD + f'a: "{MARKER}\n', "4:1: error malformed YAML: found unexpected end of stream"),
    Bad("a.yaml", HEAD + f"a: {MARKER}: b\n", f"3:18: error {YAML}: mapping values are not allowed in this context"),
    Bad("a.yaml", HEAD + f"a: *{MARKER}\n", "3:4: error there is no anchor of this name before this alias"),
    Bad("a.yaml", HEAD + f"a: !<{MARKER} b\n", "3:20: error malformed YAML: did not find the expected '>'"),
    Bad("a.yaml", HEAD + f"a: @{MARKER}\n", "3:4: error malformed YAML: found character that cannot start any token"),
    Bad("a.yaml", HEAD + "a: &a [*a]\n", "3:8: error the anchor that this alias names contains it"),
    Bad("a.yaml", HEAD + "a: &a\n  <<: *a\n", "4:7: error the anchor that this alias names contains it"),
    Bad("a.yaml", HEAD + "a: {<<: [1]}\n", "3:12: error a merge key (<<) takes a mapping or a list of mappings"),
    Bad("a.yaml", HEAD + "? [a]\n: b\n", "3:3: error a mapping or a sequence cannot be a key"),
    Bad("a.yaml", "%YAML 3.0\n---\n" + HEAD, "1:1: error malformed YAML: found incompatible YAML document"),
    Bad("a.yaml", HEAD + "a:\n\tb: 1\n", "4:1: error malformed YAML: found character that cannot start any token"),
    Bad("a.yaml", HEAD + "spec: {}\nspec: {a: 1}\n", '4:1: error duplicate key "spec"'),
    Bad("a.json", JSON + '"a": 1,, }', "1:44: error malformed YAML: did not find expected node content"),
    Bad("a.json", JSON + f'"a": "{MARKER}', "1:57: error malformed YAML: found unexpected end of stream"),
    Bad("a.json", JSON + '"a": "\\ud800"}', "1:45: error malformed YAML: found invalid Unicode character escape code"),
    Bad("a.yaml", bomb(), "8:10: error aliases stand for more than 200,000 values"),
    Bad("a.yaml", HEAD + "a: " + "[" * 100_000, "3:203: error nested more than 200 deep"),
    Bad("a.yaml", HEAD + "a: " + "{a: " * 100_000, "3:800: error nested more than 200 deep"),
    Bad("a.yaml", HEAD + "a:\n" + "- " * 100_000, "4:399: error nested more than 200 deep"),
    Bad("a.yaml", HEAD + STAIRS, "203:201: error nested more than 200 deep"),
    Bad("a.json", JSON + '"a": ' + "[" * 1_000_000, "1:241: error nested more than 200 deep"),
    Bad("a.json", JSON + '"a": ' + '{"a":' * 100_000, "1:1037: error nested more than 200 deep"),
    Bad("a.yaml", TAGS, "error more than 1,000 times %TAG"),
    Bad(
        "crd.yaml",
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec: " + "[" * 100_000,
        "3:206: error nested more than 200 deep",
    ),
]  # fmt: skip
BYTES = [
    Bad("a.yaml", HEAD.encode() + bytes(range(128, 256)), "3: error not UTF-8 text (save it as UTF-8)"),
    Bad("a.yaml", MANIFEST.encode("latin-1"), "3: error not UTF-8 text (save it as UTF-8)"),
    Bad("a.yaml", bytes(range(256)) * 20, "2: error not UTF-8 text (save it as UTF-8)", walked=False),
    Bad("a.yaml", f"{HEAD}a: b\0c\n", "3:5: error malformed YAML: control characters are not allowed"),
    Bad("a.yaml", f"{HEAD}a: b\x1b[2J\n", "3:5: error malformed YAML: control characters are not allowed"),
    Bad("a.yaml", b"\xff\xfe" + HEAD.encode("utf-16-le")[:-1], "2: error not UTF-16 text (save it as UTF-8)"),
    *(
        Bad("a.yaml", MANIFEST.encode(name), f"1: error {WIDE}")
        for name in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
    ),
    Bad("a.yaml", b"", f"error {UNKNOWN_KIND}", walked=False),
    Bad("a.txt", "hello\n", f"error {UNKNOWN_KIND}", walked=False),
    Bad("a.yaml", "a: 1\n", f"error {UNKNOWN_KIND}", walked=False),
]  # fmt: skip
DOCKERFILES = [
    Bad("Dockerfile", f"RUN {MARKER}\n", "1:1: error RUN before the first FROM, where only ARG may be"),
    Bad("Dockerfile", "# nothing\n", "1: error no FROM: not a Dockerfile, or nothing to build"),
    Bad("Dockerfile", f"FROM a\n{MARKER} {MARKER}\n", "2:1: error not an instruction"),
    Bad(
        "Dockerfile", f"FROM a\nRUN <<EOF\n{MARKER}\n", "2:5: error nothing ends the heredoc (it ends with a line EOF)"
    ),
    Bad("Dockerfile", f"FROM a\nENV A=\0{MARKER}\n", "2:7: error a NUL character: this is no text"),
    Bad("Dockerfile", b"FROM a\nRUN \xff\n", "2: error not UTF-8 text (save it as UTF-8)"),
    Bad("Dockerfile", bytes(range(256)), "2: error not UTF-8 text (save it as UTF-8)"),
]
COMPOSE = [
    Bad("compose.yaml", CIRCLE, "3:16: error extends goes in a circle: a -> b -> a"),
    Bad("compose.yaml", "services: {a: {extends: {file: b.yaml, service: a}}}\n", "1:16: error b.yaml is not there"),
    Bad("compose.yaml", "services: {a: {extends: b}}\n", '1:25: error extends names a service "b", which is not there'),
    Bad("compose.yaml", "include: [b.yaml]\nservices: {a: {image: b}}\n", "1:11: error b.yaml is not there"),
    Bad(
        "compose.yaml",
        "include: [compose.yaml]\nservices: {a: {image: b}}\n",
        "1:11: error include goes in a circle: compose.yaml -> compose.yaml",
    ),
    *(
        Bad(
            "compose.yaml",
            f"include: [{path}]\nservices: {{a: {{image: b}}}}\n",
            f"1:11: error {path} cannot be used: it lies outside the project"
            " (run policyengine in a directory above both, if the file is yours)",
        )
        for path in ("/etc/passwd", "/dev/zero", "/proc/self/environ")
    ),
    Bad(
        "compose.yaml",
        f'services: {{a: {{image: b, environment: {{A: "${{B{MARKER}"}}}}}}\n',
        '1:43: error malformed interpolation: "${" is not closed (a literal dollar sign is written "$$")',
    ),
]  # fmt: skip
EVERY = [*MALFORMED, *BYTES, *DOCKERFILES, *COMPOSE]


def written(bad: Bad, place: Path) -> None:
    data = bad.data if isinstance(bad.data, bytes) else bad.data.encode()
    (place / bad.name).write_bytes(data)


@pytest.mark.parametrize("bad", EVERY, ids=lambda bad: bad.told.partition("error ")[2][:60])
def test_a_named_file(bad: Bad, place: Path) -> None:
    written(bad, place)
    ended = checked(place, bad.name, "good.yaml")
    separator = ":" if bad.told[0].isdigit() else ": "
    assert problems(ended) == [f"{bad.name}{separator}{bad.told}"]
    assert ended.code == 2


@pytest.mark.parametrize("bad", EVERY, ids=lambda bad: bad.told.partition("error ")[2][:60])
def test_a_file_in_a_directory(bad: Bad, place: Path) -> None:
    written(bad, place)
    ended = checked(place, ".")
    separator = ":" if bad.told[0].isdigit() else ": "
    assert problems(ended) == ([f"{bad.name}{separator}{bad.told}"] if bad.walked else [])
    assert ended.code == (2 if bad.walked else 1)


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"\xef\xbb\xbf", "utf-8"),
        (b"\xff\xfe", "utf-16-le"),
        (b"\xfe\xff", "utf-16-be"),
        (b"\xff\xfe\0\0", "utf-32-le"),
        (b"\0\0\xfe\xff", "utf-32-be"),
    ],
)
@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_a_byte_order_mark_tells_the_encoding(mark: bytes, encoding: str, line_break: str, place: Path) -> None:
    (place / "a.yaml").write_bytes(mark + MANIFEST.replace("\n", line_break).encode(encoding))
    ended = checked(place, "a.yaml", "good.yaml")
    assert problems(ended) == ["a.yaml:8:37: critical privileged web runs privileged"]
    assert ended.code == 1


class TestMuch:
    """Files of a size that nobody writes."""

    @pytest.mark.parametrize("source", ["big.yaml", "."])
    def test_a_file_of_200_megabytes(self, source: str, place: Path) -> None:
        block = b"apiVersion: v1\n" * 70_000
        with (place / "big.yaml").open("wb") as file:
            file.writelines(block for _ in range(200))
        ended = checked(place, source, "good.yaml", memory=512 << 20)
        assert problems(ended) == ["big.yaml: error larger than 64 MiB (exclude it)"]
        assert ended.code == 2

    def test_a_file_of_nothing_is_no_larger_for_its_holes(self, place: Path) -> None:
        with (place / "big.yaml").open("wb") as file:
            file.truncate(200 << 20)
        assert problems(checked(place, "big.yaml", "good.yaml")) == ["big.yaml: error larger than 64 MiB (exclude it)"]

    def test_more_values_than_memory_is_for(self, place: Path) -> None:
        (place / "a.yaml").write_text(HEAD + "a: [" + ",".join(["b"] * 4_500_000) + "]")
        ended = checked(place, "a.yaml", "good.yaml", memory=2 << 30)
        assert [line.partition(": ")[2] for line in problems(ended)] == ["error more than 4,000,000 values"]
        assert ended.code == 2

    def test_standard_input_without_end(self, place: Path) -> None:
        with subprocess.Popen(["yes", "a: b"], stdout=subprocess.PIPE) as endless:
            ended = subprocess.run(
                [*COMMAND, *CHECK, "-", "good.yaml"],
                cwd=place,
                env=variables(),
                stdin=endless.stdout,
                capture_output=True,
                text=True,
                timeout=running.SECONDS,
                check=False,
            )
            endless.kill()
        assert problems(Ended(ended.returncode, ended.stdout, ended.stderr)) == [
            "-: error larger than 64 MiB (exclude it)"
        ]
        assert ended.returncode == 2

    def test_a_report_on_one_line_stays_in_proportion(self, place: Path) -> None:
        one = {"Id": "1", "Name": "/a", "Config": {"Env": [f"A={MARKER}"]}, "HostConfig": {"Privileged": True}}
        snapshot = {"docker_snapshot": 1, "containers": [{**one, "Id": str(number)} for number in range(3000)]}
        (place / "a.json").write_text(json.dumps(snapshot))
        ended = cli("check", "--select", "privileged", "--format", "full", "a.json", cwd=place)
        assert ended.code == 1
        assert MARKER not in ended.out
        assert len(ended.out) < 3_000_000


SLOW = {
    "backslashes in JSON": ("a.json", JSON + '"a": "' + "\\" * 400_000 + '"}'),
    "braces in a chart": ("templates/a.yaml", HEAD + "# " + "{{" * 200_000),
    "braces in what is malformed": ("a.yaml", HEAD + "a: [\n" + "- {{\n" * 100_000),
    "blanks in a file of variables": ("app.env", "A" + " " * 400_000 + "B"),
    "quotes in .env": (".env", 'A="' + "\\\\" * 200_000),
    "colons in an image": ("Dockerfile", "FROM " + ":" * 400_000 + "\n"),
    "slashes in an image": ("Dockerfile", "FROM " + "a/" * 200_000 + "\n"),
    "dollars in an image": ("Dockerfile", "ARG A\nFROM " + "${A:-" * 100_000 + "\n"),
    "words in a command": ("Dockerfile", "FROM a\nRUN " + "a=" * 200_000 + "\n"),
    "substitutions in a command": ("Dockerfile", "FROM a\nRUN " + "$(" * 20_000 + "\n"),
    "patterns in .dockerignore": (".dockerignore", "**/" * 100_000),
    "patterns in .gitignore": (".gitignore", "**/a" * 20_000 + "\n[" + "a-" * 100_000),
}


class TestTime:
    """It grows with what is read, not with its square."""

    @pytest.mark.parametrize("name", SLOW)
    def test_repeated(self, name: str, place: Path) -> None:
        path, text = SLOW[name]
        (place / path).parent.mkdir(exist_ok=True)
        (place / path).write_text(text)
        if path.endswith(".env"):
            (place / "compose.yaml").write_text("services: {a: {image: b, env_file: {path: app.env, format: raw}}}\n")
        elif path == ".dockerignore":
            (place / "Dockerfile").write_text("FROM a\nCOPY . /\n")
        ended = cli("check", ".", "--format", "text", cwd=place)
        assert ended.code in (1, 2)
        assert FOUND in ended.out.splitlines()


class TestFileSystem:
    """What stands where a file should."""

    def test_links_that_lead_to_themselves(self, place: Path) -> None:
        (place / "a.yaml").symlink_to("b.yaml")
        (place / "b.yaml").symlink_to("a.yaml")
        (place / "below").mkdir()
        (place / "below" / "up").symlink_to("..")
        (place / "self").symlink_to("self")
        assert problems(checked(place, ".")) == []
        ended = checked(place, "a.yaml", "self", "good.yaml")
        assert problems(ended) == [
            "a.yaml: error cannot be read: Too many levels of symbolic links",
            "self: error cannot be read: Too many levels of symbolic links",
        ]
        assert ended.code == 2

    def test_links_that_lead_nowhere(self, place: Path) -> None:
        (place / "a.yaml").symlink_to("gone.yaml")
        assert problems(checked(place, ".")) == []
        told = ["a.yaml: error cannot be read: No such file or directory (check the path)"]
        assert problems(checked(place, "a.yaml", "good.yaml")) == told

    @pytest.mark.parametrize(
        "text",
        [
            "services: {a: {image: 'b:$A'}}",
            "services: {a: {extends: {file: out.yaml, service: a}}}",
            "include: [out.yaml]",
        ],
    )
    def test_links_out_of_the_project(self, text: str, place: Path) -> None:
        outside = place / "outside"
        outside.write_text(f"A={MARKER}\nservices: {{a: {{image: {MARKER}}}}}\n")
        project = place / "project"
        project.mkdir()
        (project / "good.yaml").write_text(POD)
        (project / "compose.yaml").write_text(text)
        for name in (".env", "out.yaml"):
            (project / name).symlink_to(outside)
        ended = checked(project, "compose.yaml", "good.yaml")
        assert all("lies outside the project" in problem for problem in problems(ended))
        assert problems(ended)
        assert ended.code == 2

    @pytest.mark.parametrize("name", ["a.yaml", "Dockerfile"])
    def test_what_is_no_regular_file(self, name: str, place: Path) -> None:
        os.mkfifo(place / name)
        (place / "device.yaml").symlink_to("/dev/zero")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(place / "socket.yaml"))
        named = ("device.yaml", "socket.yaml", name)
        ended = checked(place, *named, "good.yaml")
        told = "error not a regular file (- reads standard input)"
        assert sorted(problems(ended)) == sorted(f"{path}: {told}" for path in named)
        assert ended.code == 2
        assert problems(checked(place, ".")) == []

    @pytest.mark.parametrize("pattern", ["!", "\\", "[z-a]", "[[:foo:]]", "\0", "\udcff", "[" * 1000])
    def test_patterns_that_make_no_sense(self, pattern: str, place: Path) -> None:
        ignored = f"a.yaml\n{pattern}\nb.yaml\n".encode("utf-8", "surrogateescape")
        (place / ".gitignore").write_bytes(ignored)
        for name in ("a.yaml", "b.yaml"):
            (place / name).write_text("services: [\n")
        assert problems(checked(place, ".")) == []

    def test_an_excluded_pattern_that_makes_no_sense_is_told(self, place: Path) -> None:
        ended = checked(place, "--exclude", "[z-a]", ".")
        assert ended == Ended(2, "", 'error: exclude: "[z-a]" is no pattern (they are written as in .gitignore)\n')

    def test_what_a_file_refers_to_is_no_regular_file(self, place: Path) -> None:
        os.mkfifo(place / ".env")
        os.mkfifo(place / "b.yaml")
        os.mkfifo(place / ".gitignore")
        os.mkfifo(place / "app.env")
        service = "{image: 'a:$A', env_file: app.env, extends: {file: b.yaml, service: a}}"
        (place / "compose.yaml").write_text(f"services: {{a: {service}}}\n")
        (place / "Dockerfile").write_text("FROM a\n")
        os.mkfifo(place / ".dockerignore")
        ended = checked(place, ".")
        assert ".env: error not a regular file" in problems(ended)
        assert ended.code == 2

    def test_files_that_may_not_be_read(self, place: Path) -> None:
        (place / "closed").mkdir(mode=0)
        (place / "a.yaml").write_text(POD)
        (place / "a.yaml").chmod(0)
        (place / "compose.yaml").write_text("services: {a: {image: 'b:$A'}}\n")
        (place / ".env").write_text(f"A={MARKER}\n")
        (place / ".env").chmod(0)
        ended = as_nobody(place, "a.yaml", "closed", "good.yaml", "compose.yaml")
        assert sorted(problems(ended)) == [
            ".env: error cannot be read: Permission denied",
            "a.yaml: error cannot be read: Permission denied",
            "closed: error cannot be read: Permission denied",
        ]
        assert ended.code == 2

    @pytest.mark.parametrize(
        ("source", "told"),
        [
            ("gone.yaml", "gone.yaml: error cannot be read: No such file or directory (check the path)"),
            ("good.yaml/a", "good.yaml/a: error cannot be read: Not a directory"),
            ("a" * 300, f"{'a' * 300}: error cannot be read: File name too long"),
        ],
    )
    def test_names_of_nothing(self, source: str, told: str, place: Path) -> None:
        ended = checked(place, source, "good.yaml")
        assert problems(ended) == [told]
        assert ended.code == 2

    def test_an_empty_directory(self, place: Path) -> None:
        (place / "empty").mkdir()
        ended = cli(*CHECK, "empty", cwd=place)
        assert ended.code == 0
        assert "nothing to check was found in empty" in ended.err

    def test_a_source_of_an_unknown_kind(self, place: Path) -> None:
        ended = cli(*CHECK, "dokcer://", "good.yaml", cwd=place)
        assert ended == Ended(2, "", 'error: unknown kind of source "dokcer://" (did you mean "docker://"?)\n')

    @pytest.mark.parametrize("arguments", [(*CHECK, "."), (*CHECK, "-"), ("config",), ("test",), ("init",)])
    def test_a_working_directory_that_is_gone(self, arguments: Sequence[str], place: Path) -> None:
        gone = place / "gone"
        gone.mkdir()
        ended = subprocess.run(
            [sys.executable, "-P", *COMMAND[1:], *arguments],
            cwd=gone,
            env=variables(),
            input="",
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=partial(shutil.rmtree, gone),
        )
        told = "error: the working directory is no longer there (change to one that is)\n"
        assert (ended.returncode, ended.stdout, ended.stderr) == (2, "", told)


class TestStandardInput:
    """Standard input of which nothing comes."""

    def test_closed(self, place: Path) -> None:
        command = " ".join([*COMMAND, *CHECK, "- good.yaml <&-"])
        ended = subprocess.run(
            ["/bin/sh", "-c", command], cwd=place, env=variables(), capture_output=True, text=True, check=False
        )
        assert problems(Ended(*_parts(ended))) == ["-: error standard input is closed"]
        assert ended.returncode == 2

    def test_empty(self, place: Path) -> None:
        ended = checked(place, "-", "good.yaml")
        assert problems(ended) == [f"-: error {UNKNOWN_KIND}"]
        assert ended.code == 2


class TestEngines:
    """Engines that are not there, or fail."""

    def test_none(self, place: Path) -> None:
        ended = checked(place, "docker://", "good.yaml", DOCKER_HOST=f"unix://{place}/gone.sock")
        (told,) = problems(ended)
        assert told.startswith("docker://local: error ")
        assert ended.code == 2

    @pytest.mark.parametrize("what", [dead, silent, partial(saying, data=b"hello\r\n\r\n")])
    def test_what_does_not_answer(self, what: Callable[[Path], AbstractContextManager[str]], place: Path) -> None:
        began = time.monotonic()
        with what(place / "s") as host:
            ended = checked(place, "docker://", "good.yaml", DOCKER_HOST=host)
        assert time.monotonic() - began < SILENT
        (told,) = problems(ended)
        assert told.startswith("docker://local: error ")
        assert ended.code == 2

    @pytest.mark.parametrize("host", ["127.0.0.1:1", "127.0.0.1:0", "127.0.0.1:99999", "127.0.0.1:a", "[", "[::1"])
    def test_hosts_that_make_no_sense(self, host: str, place: Path) -> None:
        ended = checked(place, "docker://", "good.yaml", DOCKER_HOST=f"tcp://user:{MARKER}@{host}")
        (told,) = problems(ended)
        assert told.startswith("docker://")
        assert ended.code == 2

    @pytest.mark.parametrize(
        "answer",
        [
            Closed(),
            b"[" * 100_000,
            b'{"a":' * 100_000,
            b"[null]",
            b"[1, {}, []]",
            b'"a"',
            b"\xff",
            b"1e999999999",
            b"1" * 5000,
            500,
            301,
        ],
    )
    @pytest.mark.parametrize("path", ["/containers/json", "/images/json", "/networks", "/volumes", "/info", "/version"])
    def test_answers_of_another_form(self, path: str, answer: object, place: Path) -> None:
        whole: dict[str, object] = {
            "/containers/json": [],
            "/images/json": [],
            "/networks": [],
            "/volumes": {"Volumes": None},
            "/info": {"ID": "a"},
        }
        with answering(place / "s", {**whole, path: answer}) as host:
            ended = checked(place, "docker://", "good.yaml", DOCKER_HOST=host)
        told = problems(ended)
        assert all(line.startswith("docker://local") for line in told)
        assert (ended.code, bool(told)) == (2, True)


class TestOwnFiles:
    """Policies, settings, reports and what is kept between runs."""

    @pytest.mark.parametrize(
        "data",
        [b"version: 1\nid: [\n", b"\xff\xfe\0", b"", b"- a\n", b"version: 1\nid: &a [*a]\n", b"[" * 100_000, b"a\0b"],
    )
    def test_policies_that_are_malformed(self, data: bytes, place: Path) -> None:
        (place / "acme.yaml").write_bytes(data)
        ended = checked(place, "--policies", "acme.yaml", "good.yaml")
        (told,) = problems(ended)
        assert told.startswith("acme.yaml:")
        assert ended.code == 2

    @pytest.mark.parametrize("data", [b"a: [\n", b"\xff", b"version: 2\n", b"- a\n", b"[" * 100_000, b"a\0b"])
    def test_settings_that_are_malformed(self, data: bytes, place: Path) -> None:
        (place / "policyengine.yaml").write_bytes(data)
        ended = checked(place, "good.yaml")
        assert (ended.code, ended.out) == (2, "")
        assert ended.err.startswith("error: policyengine.yaml:")

    @pytest.mark.parametrize("target", ["gone/out.json", "good.yaml/out.json", ".", "/dev/full", "/proc/out.json"])
    def test_reports_that_cannot_be_written(self, target: str, place: Path) -> None:
        ended = cli(*CHECK[:3], "--format", f"json={target}", "good.yaml", cwd=place)
        assert ended.code == 2
        assert re.fullmatch(r"error: [\w./]+: cannot write: [a-z ]+\n", ended.err)
        assert (place / "good.yaml").read_text() == POD

    def test_a_full_disk_for_standard_output(self, place: Path) -> None:
        command = " ".join([*COMMAND, *CHECK, "good.yaml > /dev/full"])
        ended = subprocess.run(
            ["/bin/sh", "-c", command], cwd=place, env=variables(), capture_output=True, text=True, check=False
        )
        told = "error: cannot write to standard output: no space left on device\n"
        assert (ended.returncode, ended.stderr) == (2, told)

    @pytest.mark.parametrize("kind", ["file", "below a file", "device", "full", "loop", "junk", "locked"])
    def test_a_cache_that_cannot_be_used_is_done_without(self, kind: str, place: Path) -> None:
        cache = place / "cache"
        if kind in ("file", "below a file"):
            cache.write_text("a")
            cache = cache / "below" if kind == "below a file" else cache
        elif kind == "loop":
            cache.symlink_to("cache")
        elif kind == "junk":
            cache.mkdir()
            (cache / "results.db").write_bytes(bytes(range(256)) * 100)
        elif kind == "locked":
            cache.mkdir()
            (cache / "results.db").mkdir()
        else:
            cache = place.joinpath("/dev/null" if kind == "device" else "/proc/cache")
        ended = checked(place, "good.yaml", POLICYENGINE_CACHE_DIR=str(cache))
        assert ended == Ended(1, f"{FOUND}\n", "")

    def test_nothing_secret_is_kept(self, place: Path) -> None:
        secrets = POD.replace("image: nginx", f'image: nginx\n      env: [{{name: DB_PASSWORD, value: "{MARKER}"}}]')
        (place / "a.yaml").write_text(secrets)
        (place / "b.yaml").write_text(secrets + f'\nstringData: {{a: "{MARKER}')
        (place / "compose.yaml").write_text(
            f"services: {{a: {{image: b, environment: [A={MARKER}, 1, {{}}], user: {{}}}}}}\n"
        )
        one = {"Id": "1", "Name": "/a", "Config": {"Env": [f"A={MARKER}", {"A": MARKER}]}, "HostConfig": []}
        (place / "c.json").write_text(json.dumps({"docker_snapshot": 1, "containers": [one, MARKER]}))
        (place / "Dockerfile").write_text(f"FROM a\nENV DB_PASSWORD={MARKER}\nARG TOKEN={MARKER}\nRUN <<EOF\n")
        for format_ in ("json", "full", "sarif", "text", "table"):
            ended = cli(
                "check", ".", "--pack", "all", "--all", "--format", format_,
                cwd=place, POLICYENGINE_CACHE_DIR=str(place / "cache"), TMPDIR=str(place),
            )  # fmt: skip
            assert ended.code == 2
            assert MARKER not in ended.out + ended.err
        kept = [path for path in place.rglob("*") if path.is_file() and path.parent != place]
        assert kept
        assert [path for path in kept if MARKER.encode() in path.read_bytes()] == []
        assert not list(place.glob("*.traceback"))


def _parts(ended: subprocess.CompletedProcess[str]) -> tuple[int, str, str]:
    return ended.returncode, ended.stdout, ended.stderr


def as_nobody(place: Path, *sources: str) -> Ended:
    """``check`` as a user who may not read everything, which root may unless it is taken from it."""
    drop: list[str] = []
    if os.geteuid() == 0:
        if not shutil.which("setpriv"):
            pytest.skip("root may read everything, and there is no setpriv")
        drop = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
    ended = subprocess.run(
        [*drop, *COMMAND, *CHECK, *sources],
        cwd=place,
        env=variables(),
        capture_output=True,
        text=True,
        timeout=running.SECONDS,
        check=False,
    )
    return Ended(*_parts(ended))
