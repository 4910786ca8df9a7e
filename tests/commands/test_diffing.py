"""Diffs that show no secret, and still apply where that can be."""

from __future__ import annotations

import subprocess
from difflib import unified_diff
from typing import TYPE_CHECKING

import pytest

from policyengine.commands.diffing import Diff

if TYPE_CHECKING:
    from pathlib import Path

COMPOSE = """\
services:
  db:
    image: postgres:17
    environment:
      POSTGRES_PASSWORD: hunter2
      POSTGRES_USER: app
    restart: always
    privileged: true
    stop_grace_period: 10s
    labels: {tier: db}
    read_only: true
    command: [--token, abcdef123]
"""

MASKED = """\
--- a/compose.yaml
+++ b/compose.yaml
@@ -7,5 +7,5 @@
     restart: always
-    privileged: true
+    privileged: false
     stop_grace_period: 10s
     labels: {tier: db}
     read_only: true
"""

BETWEEN = """\
services:
  web:
    image: nginx
    privileged: true
    init: true
    environment: [TOKEN=abc]
    tty: true
    read_only: false
    stdin_open: true
"""

PARTED = """\
--- a/compose.yaml
+++ b/compose.yaml
@@ -1,5 +1,5 @@
 services:
   web:
     image: nginx
-    privileged: true
+    privileged: false
     init: true
@@ -7,3 +7,3 @@
     tty: true
-    read_only: false
+    read_only: true
     stdin_open: true
"""

BESIDE = "services:\n  web:\n    privileged: true\n    environment: {PASSWORD: hunter2}\n"

NOTHING_FOLLOWS = """\
--- a/compose.yaml
+++ b/compose.yaml
@@ -1,3 +1,3 @@
 services:
   web:
-    privileged: true
+    privileged: false
"""

WITHIN = "services: {web: {privileged: true, environment: {PASSWORD: hunter2}}}\n"

IN_THE_LINE = """\
--- a/compose.yaml
+++ b/compose.yaml
@@ -1 +1 @@
-services: {web: {privileged: true, environment: {PASSWORD: ****}}}
+services: {web: {privileged: false, environment: {PASSWORD: ****}}}
"""


def changed(text: str) -> str:
    return text.replace("privileged: true", "privileged: false").replace("read_only: false", "read_only: true")


def diff(text: str, path: str = "compose.yaml") -> tuple[str, list[str]]:
    found = Diff({path: text.encode()}, {path: changed(text).encode()})
    return "".join(found), found.only_to_read


def applied(patch: str, text: str, path: Path) -> str | None:
    file = path / "compose.yaml"
    file.write_bytes(text.encode())
    ended = subprocess.run(["git", "apply", "-"], cwd=path, input=patch.encode(), capture_output=True, check=False)
    return file.read_bytes().decode() if ended.returncode == 0 else None


@pytest.mark.parametrize(
    ("text", "shown", "applies"),
    [
        (COMPOSE, MASKED, True),
        (BETWEEN, PARTED, True),
        (BESIDE, NOTHING_FOLLOWS, False),
        (WITHIN, IN_THE_LINE, False),
    ],
)
def test_a_secret_is_never_shown(text: str, shown: str, applies: bool, tmp_path: Path) -> None:
    found, masked = diff(text)
    assert found == shown
    assert (masked == []) is applies
    assert (applied(found, text, tmp_path) == changed(text)) is applies


@pytest.mark.parametrize(
    "text",
    [
        "services:\r\n  web:\r\n    privileged: true\r\n    init: true\r\n",
        "services:\r  web:\r    privileged: true\r    init: true\r",
        "services:\r  web:\r    image: a\n    privileged: true\r    init: true\n",
        "services:\n  web:\n    image: a\n    privileged: true",
        "\ufeffservices:\n  web: {privileged: true}\n",
        "services:\n  web: {privileged: true}\n  other: {privileged: true}\n" + "  # more\n" * 20 + "x-end: 1\n",
        "services:\n  ä: {privileged: true}\u2028\n  b: {}\n",
    ],
)
def test_what_shows_no_secret_is_as_difflib_has_it(text: str, tmp_path: Path) -> None:
    found, masked = diff(text)
    lines = [of.encode().decode().split("\n") for of in (text, changed(text))]
    before, after = ([*(f"{line}\n" for line in of[:-1]), *filter(None, of[-1:])] for of in lines)
    wanted = [
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
        for line in unified_diff(before, after, "a/compose.yaml", "b/compose.yaml")
    ]
    assert (found, masked) == ("".join(wanted), [])
    assert applied(found, text, tmp_path) == changed(text)


def test_a_secret_between_carriage_returns_is_masked_alone() -> None:
    text = "services:\r  web:\r    privileged: true\r    environment: {TOKEN: hunter2}\r    init: true\r"
    shown = text.replace("hunter2", "****")
    end = "\n\\ No newline at end of file\n"
    wanted = f"--- a/compose.yaml\n+++ b/compose.yaml\n@@ -1 +1 @@\n-{shown}{end}+{changed(shown)}{end}"
    assert diff(text) == (wanted, ["compose.yaml"])


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (
            "pod.yaml",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n  - name: web\n"
            "    securityContext: {privileged: true}\n    env:\n    - name: A\n      value: hunter2\n",
        ),
        ("Dockerfile", "FROM a\nENV A=hunter2\nRUN echo privileged: true\nARG B=hunter2\n"),
        ("what.yaml", "it: hunter2\nprivileged: true\nother: hunter2\n"),
    ],
)
def test_every_kind_of_file_is_masked(path: str, text: str) -> None:
    found, _ = diff(text, path)
    assert "hunter2" not in found


def test_a_diff_of_utf_16_is_only_to_read() -> None:
    text = "services:\n  web: {privileged: true}\n"
    found = Diff({"a.yaml": text.encode("utf-16")}, {"a.yaml": changed(text).encode("utf-16")})
    assert "".join(found) == (
        "--- a/a.yaml\n+++ b/a.yaml\n@@ -1,2 +1,2 @@\n services:\n"
        "-  web: {privileged: true}\n+  web: {privileged: false}\n"
    )
    assert found.only_to_read == ["a.yaml"]


def test_a_line_that_is_too_long_is_not_shown() -> None:
    text = WITHIN.replace("web: {", "web: {image: " + "a" * 5000 + ", ")
    found, masked = diff(text)
    assert found == "--- a/compose.yaml\n+++ b/compose.yaml\n@@ -1 +1 @@\n-****\n+****\n"
    assert masked == ["compose.yaml"]
