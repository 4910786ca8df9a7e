"""``check --fix`` and ``check --diff``: what is mended, what is not, and how the run ends."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from policyengine.commands.check import failures
from tests.outputs.reports import BROKEN, LOST, PRIVILEGED, PROBLEM, USER, report
from tests.running import POLICY, cli

if TYPE_CHECKING:
    from pathlib import Path

COMPOSE = """\
# The front.
services:
  web:
    image: nginx:1.27  # pinned
    privileged: true # for now
    cap_add: [SYS_ADMIN, NET_BIND_SERVICE, NET_ADMIN]
    ports:
      - "8080:80"
"""
ARGUMENTS = ("check", "--no-config", "--select", "privileged,caps-added,bind-all-interfaces")

DIFF = """\
--- a/compose.yaml
+++ b/compose.yaml
@@ -2,7 +2,7 @@
 services:
   web:
     image: nginx:1.27  # pinned
-    privileged: true # for now
-    cap_add: [SYS_ADMIN, NET_BIND_SERVICE, NET_ADMIN]
+    privileged: false # for now
+    cap_add: [NET_BIND_SERVICE]
     ports:
       - "8080:80"
"""

PORT = "compose.yaml:8:9: medium bind-all-interfaces web publishes a port on every address of its host\n"


@pytest.fixture
def compose(tmp_path: Path) -> Path:
    file = tmp_path / "compose.yaml"
    file.write_text(COMPOSE)
    return file


def test_a_diff_shows_what_would_be_mended_and_writes_nothing(compose: Path) -> None:
    ended = cli(*ARGUMENTS, "--diff", cwd=compose.parent)
    assert ended == (
        1,
        DIFF,
        "3 findings to fix in 1 file\n1 more finding with a fix that is not safe: --unsafe-fixes\n",
    )
    assert compose.read_text() == COMPOSE
    subprocess.run(["git", "apply", "-"], cwd=compose.parent, input=ended.out.encode(), check=True)
    assert "privileged: false # for now" in compose.read_text()


def test_fixes_are_written_and_judged_again(compose: Path) -> None:
    compose.chmod(0o640)
    ended = cli(*ARGUMENTS, "--fix", cwd=compose.parent)
    told = "3 findings fixed in 1 file\n1 more finding with a fix that is not safe: --unsafe-fixes\n"
    assert ended == (1, PORT, told)
    wanted = COMPOSE.replace("privileged: true", "privileged: false")
    wanted = wanted.replace("[SYS_ADMIN, NET_BIND_SERVICE, NET_ADMIN]", "[NET_BIND_SERVICE]")
    assert compose.read_text() == wanted
    assert compose.stat().st_mode & 0o777 == 0o640
    again = cli(*ARGUMENTS, "--fix", "--unsafe-fixes", cwd=compose.parent)
    assert again == (0, "", "1 finding fixed in 1 file\n")
    assert compose.read_text() == wanted.replace("8080:80", "127.0.0.1:8080:80")
    assert cli(*ARGUMENTS, "--fix", "--unsafe-fixes", cwd=compose.parent) == (0, "", "0 findings fixed in 0 files\n")


def test_what_is_waived_stays_as_it_is(compose: Path) -> None:
    text = COMPOSE.replace("# for now", "# policyengine: ignore[privileged] it drives the devices")
    compose.write_text(text)
    cli(*ARGUMENTS, "--fix", cwd=compose.parent)
    assert compose.read_text() == text.replace("[SYS_ADMIN, NET_BIND_SERVICE, NET_ADMIN]", "[NET_BIND_SERVICE]")


SHARED = "x: &x {image: a, privileged: true}\nservices:\n  a: *x\n  b: *x\n"
MERGED = "x: &x {privileged: true}\nservices:\n  web: {image: a, <<: *x}\n"
ALIAS = "the value is an alias: it is written elsewhere, for several places\n"


def test_what_cannot_be_mended_is_told_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text(SHARED)
    ended = cli(*ARGUMENTS, "--fix", cwd=tmp_path)
    told = f"not fixed: compose.yaml:1:30: privileged: {ALIAS}"
    assert (ended.code, ended.err) == (1, f"{told}{told}0 findings fixed in 0 files\n")
    assert (tmp_path / "compose.yaml").read_text() == SHARED


def test_what_is_left_is_told_where_it_is_in_the_file_as_it_is_then(tmp_path: Path) -> None:
    """A diff changes nothing: its lines are those of the file on the disk."""
    text = (
        "services:\n  web:\n    image: nginx\n    cap_add:\n      - NET_ADMIN\n      - SYS_PTRACE\n"
        "  db:\n    image: postgres\n    privileged: ${PRIVILEGED:-true}\n"
    )
    (tmp_path / "compose.yaml").write_text(text)
    options = ("--select", "privileged,caps-added", "compose.yaml")
    told = "not fixed: compose.yaml:{}:17: privileged: a variable decides what stands there\n"
    assert told.format(9) in cli("check", "--no-config", "--diff", *options, cwd=tmp_path).err
    assert told.format(6) in cli("check", "--no-config", "--fix", *options, cwd=tmp_path).err
    assert (tmp_path / "compose.yaml").read_text().splitlines()[5] == "    privileged: ${PRIVILEGED:-true}"


def test_a_merged_value_is_mended_where_it_is_merged(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text(MERGED)
    assert cli(*ARGUMENTS, "--fix", cwd=tmp_path) == (0, "", "1 finding fixed in 1 file\n")
    assert (tmp_path / "compose.yaml").read_text() == MERGED.replace("<<: *x", "<<: *x, privileged: false")


def test_a_base_that_others_may_use_is_not_edited(tmp_path: Path) -> None:
    base = "services:\n  base: {image: a, privileged: true}\n"
    (tmp_path / "base.yaml").write_text(base)
    (tmp_path / "compose.yaml").write_text("services:\n  web: {extends: {file: base.yaml, service: base}}\n")
    ended = cli(*ARGUMENTS, "compose.yaml", "--fix", cwd=tmp_path)
    assert "it is written in base.yaml, which others may use too" in ended.err
    assert (tmp_path / "base.yaml").read_text() == base


def test_policies_that_contradict_each_other_change_nothing(compose: Path) -> None:
    text = COMPOSE.replace("privileged: true # for now", "user: root")
    compose.write_text(text)
    arguments = own_policies(compose.parent, {"one": ("1000", "1000"), "two": ("2000", "2000")})
    ended = cli(*arguments, cwd=compose.parent)
    assert ended.err == (
        "not fixed: compose.yaml:5:11: acme/one: acme/two would have it otherwise at services.web.user\n"
        "not fixed: compose.yaml:5:11: acme/two: acme/one would have it otherwise at services.web.user\n"
        "0 findings fixed in 0 files\n"
    )
    assert compose.read_text() == text


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("nope.yaml", "error: nope.yaml: cannot be read: No such file or directory (check the path)\n"),
        ("image://x.tar", "error: image://x.tar: cannot be read: No such file or directory\n"),
        (".", "error: compose.yaml:5:17: privileged should be a boolean, not a string\n"),
    ],
)
def test_why_a_run_failed_is_told_beside_a_diff(compose: Path, source: str, told: str) -> None:
    compose.write_text(COMPOSE.replace("privileged: true", 'privileged: "maybe"').replace("SYS_ADMIN", "CHOWN"))
    arguments = ("check", "--no-config", "--select", "privileged", source)
    ended = cli(*arguments, "--diff", cwd=compose.parent)
    assert ended == (2, "", f"0 findings to fix in 0 files\n{told}")
    assert cli(*arguments, "--diff", "--quiet", cwd=compose.parent) == (2, "", told)
    assert cli(*arguments, "--diff", "-qq", cwd=compose.parent) == (2, "", "")
    assert cli(*arguments, "--format", "text", cwd=compose.parent).code == 2


def test_what_kept_a_run_from_doing_its_job() -> None:
    assert list(failures(report(PRIVILEGED, USER, BROKEN, problems=[PROBLEM, LOST]))) == [
        "error: broken.yaml:7:3: mapping values are not allowed here",
        "error: the engine does not answer",
        "error: compose.yaml:9:5: memory-limit: memory is a list, not a number",
    ]


def test_that_nothing_was_judged_is_told_beside_a_diff(tmp_path: Path) -> None:
    ended = cli(*ARGUMENTS, "--diff", "--require-match", cwd=tmp_path)
    assert ended.code == 2
    assert ended.err.endswith("error: no policy applied to anything (--require-match)\n")


def test_standard_input_is_not_edited(tmp_path: Path) -> None:
    ended = cli(*ARGUMENTS, "-", "--diff", cwd=tmp_path, stdin=COMPOSE)
    assert ended.code == 1
    assert "not fixed: -:5:17: privileged: standard input is not edited\n" in ended.err
    ended = cli(*ARGUMENTS, "-", "--fix", cwd=tmp_path, stdin=COMPOSE)
    assert ended == (2, "", "error: --fix cannot write to standard input (name the file)\n")


def test_a_read_only_file_is_not_replaced(compose: Path) -> None:
    (compose.parent / "a.yaml").write_text(COMPOSE)
    compose.chmod(0o444)
    ended = cli(*ARGUMENTS, "--fix", cwd=compose.parent)
    assert ended == (
        2,
        "",
        "error: compose.yaml: cannot write the fixed file: it is read-only "
        "(make it writable, or leave it out with --exclude; no file was changed)\n",
    )
    assert compose.read_text() == (compose.parent / "a.yaml").read_text() == COMPOSE


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_directory_that_cannot_be_written_is_told(compose: Path) -> None:
    compose.parent.chmod(0o500)
    try:
        assert cli(*ARGUMENTS, "--fix", cwd=compose.parent).code == 2
    finally:
        compose.parent.chmod(0o700)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--fix", "--diff"), "--fix and --diff contradict each other"),
        (("--unsafe-fixes",), "--unsafe-fixes goes with --fix or --diff"),
        (("--fix", "--watch"), "--fix and --watch contradict each other"),
    ],
)
def test_options_that_contradict(compose: Path, options: tuple[str, ...], message: str) -> None:
    ended = cli(*ARGUMENTS, *options, cwd=compose.parent)
    assert ended.code == 2
    assert message in ended.err


POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: web
      image: nginx
      securityContext:
        privileged: true
"""


def test_what_a_fix_makes_possible_is_done_in_the_next_round(tmp_path: Path) -> None:
    (tmp_path / "pod.yaml").write_text(POD)
    arguments = ("check", "--no-config", "--select", "privileged,allow-priv-esc", "--fix")
    assert cli(*arguments, cwd=tmp_path) == (0, "", "2 findings fixed in 1 file\n")
    wanted = POD.replace("privileged: true", "privileged: false\n        allowPrivilegeEscalation: false")
    assert (tmp_path / "pod.yaml").read_text() == wanted
    assert cli(*arguments, cwd=tmp_path) == (0, "", "0 findings fixed in 0 files\n")


def own_policies(directory: Path, users: dict[str, tuple[str, str]]) -> tuple[str, ...]:
    """Policies that allow one user each, and what they set it to."""
    for name, (allowed, given) in users.items():
        policy = POLICY.replace("acme/named", f"acme/{name}").replace(
            'require:\n  name: {regex: "acme-.*"}',
            f'require:\n  user: {{allowed: ["{allowed}"]}}\nremediate: {{safety: safe, set: {{user: "{given}"}}}}',
        )
        (directory / f"{name}.yaml").write_text(policy)
    named = [part for name in users for part in ("-p", f"{name}.yaml")]
    return ("check", "--no-config", "--no-built-in", *named, "compose.yaml", "--fix")


def test_a_fix_that_does_not_mend_is_not_made(compose: Path) -> None:
    text = COMPOSE.replace("privileged: true # for now", "user: root")
    compose.write_text(text)
    ended = cli(*own_policies(compose.parent, {"one": ("1000", "2000")}), cwd=compose.parent)
    assert ended.err == (
        "not fixed: compose.yaml:5:11: acme/one: its fix does not mend it\n0 findings fixed in 0 files\n"
    )
    assert compose.read_text() == text


def test_fixes_that_undo_each_other_end(compose: Path) -> None:
    """The first is mended, which violates the second; what that wants would violate the first again."""
    text = COMPOSE.replace("privileged: true # for now", "user: '2000'")
    compose.write_text(text)
    ended = cli(*own_policies(compose.parent, {"one": ("1000", "1000"), "two": ("2000", "2000")}), cwd=compose.parent)
    assert ended.err == (
        "not fixed: compose.yaml:5:11: acme/two: acme/one would be violated again\n1 finding fixed in 1 file\n"
    )
    assert compose.read_text() == text.replace("'2000'", "'1000'")


def test_a_diff_shows_no_secret(compose: Path) -> None:
    text = COMPOSE.replace("    cap_add", "    environment: {PASSWORD: hunter2}\n    cap_add")
    compose.write_text(text)
    ended = cli(*ARGUMENTS, "--diff", cwd=compose.parent)
    assert "hunter2" not in ended.out + ended.err
    assert (
        "the diff of compose.yaml does not apply: a secret is masked in or beside a change, or it is UTF-16; use --fix"
        in ended.err
    )


def test_a_link_stays_a_link(compose: Path) -> None:
    real = compose.rename(compose.parent / "real.yml.in")
    compose.symlink_to(real.name)
    cli(*ARGUMENTS, "--fix", cwd=compose.parent)
    assert compose.is_symlink()
    assert "privileged: false # for now" in real.read_text()


def test_what_others_may_say_is_refused(tmp_path: Path) -> None:
    files = {
        "compose.yaml": "include: [db.yaml]\nservices:\n  web: {image: a, privileged: '${ROOT:-true}'}\n",
        "db.yaml": "services:\n  db: {image: b, privileged: true}\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    ended = cli(*ARGUMENTS, "compose.yaml", "--fix", cwd=tmp_path)
    assert ended.err == (
        "not fixed: compose.yaml:3:31: privileged: a variable decides what stands there\n"
        "not fixed: db.yaml:2:30: privileged: it is written in db.yaml, which others may use too\n"
        "0 findings fixed in 0 files\n"
    )
    assert {name: (tmp_path / name).read_text() for name in files} == files


def test_a_dockerfile_is_fixed(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_bytes(
        b"FROM debian:12\r\nADD app /app\r\n"
        b"RUN apt-get update && \\\r\n    apt-get install curl # tool\r\nCMD a\r\nCMD b"
    )
    arguments = ("check", "--no-config", "--select", "add-instead-of-copy,apt-yes,cmd-multiple", "--fix", ".")
    assert cli(*arguments, cwd=tmp_path) == (0, "", "3 findings fixed in 1 file\n")
    assert (tmp_path / "Dockerfile").read_bytes() == (
        b"FROM debian:12\r\nCOPY app /app\r\nRUN apt-get update && \\\r\n    apt-get install -y curl # tool\r\nCMD b"
    )
