"""What a run reads: files, directories, standard input; and what it says of what it cannot read."""

from __future__ import annotations

import json
import os
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.running import COMMAND, POD, PRIVILEGED, Ended, cli, only_privileged, variables

if TYPE_CHECKING:
    from pathlib import Path

LOOKED_FOR = (
    "looked for accounts, compose, docker, docker_config, dockerfile, firewall, host, kubernetes, ssh, sshd, sudoers"
)


SOURCES: dict[str, tuple[list[str], str]] = {
    "of no known kind": (
        ["other.yaml"],
        "other.yaml: error not of a known kind "
        "(input kinds are accounts, compose, docker, docker_config, dockerfile, firewall, host, kubernetes, ssh, sshd, "
        "sudoers)\n",
    ),
    "missing": (["nowhere.yaml"], "nowhere.yaml: error cannot be read: No such file or directory (check the path)\n"),
    "misspelt": (
        ["pdo.yaml"],
        'pdo.yaml: error cannot be read: No such file or directory (did you mean "pod.yaml"?)\n',
    ),
    "a link that leads nowhere": (
        ["dangling.yaml"],
        "dangling.yaml: error cannot be read: No such file or directory (check the path)\n",
    ),
    "a link to itself": (
        ["loop.yaml"],
        "loop.yaml: error cannot be read: Too many levels of symbolic links\n",
    ),
    "a pipe that nobody writes to": (
        ["pipe.yaml"],
        "pipe.yaml: error not a regular file (- reads standard input)\n",
    ),
    "a device without end": (["/dev/zero"], "/dev/zero: error not a regular file (- reads standard input)\n"),
    "larger than any manifest": (["huge.yaml"], "huge.yaml: error larger than 64 MiB (exclude it)\n"),
    "a name that is too long": (["a" * 300], f"{'a' * 300}: error cannot be read: File name too long\n"),
    "bytes that are no text": (
        ["bytes.yaml"],
        "bytes.yaml:2: error not UTF-8 text (save it as UTF-8)\n",
    ),
    "a name that moves the cursor": (
        ["a\x1b[2Jb.yaml"],
        "a\\x1b[2Jb.yaml: error cannot be read: No such file or directory (check the path)\n",
    ),
}


@pytest.mark.parametrize("name", SOURCES)
def test_a_named_source_that_cannot_be_judged_is_a_problem(name: str, here: Path) -> None:
    (here / "dangling.yaml").symlink_to("nothing.yaml")
    (here / "loop.yaml").symlink_to("loop.yaml")
    (here / "bytes.yaml").write_bytes(b"services:\n  web: \xff\xfe\xfd\n")
    os.mkfifo(here / "pipe.yaml")
    with (here / "huge.yaml").open("wb") as file:
        file.truncate(1 << 40)  # nothing of it is on the disk, and nobody may read all of it
    sources, told = SOURCES[name]
    assert cli("check", *sources, cwd=here) == Ended(2, told, "")
    assert cli("check", "--select", "privileged", *sources, "pod.yaml", cwd=here) == Ended(
        2, f"pod.yaml:8:37: {PRIVILEGED}\n{told}", ""
    )


class TestNothingFound:
    def test_an_empty_directory_is_no_failure_but_told(self, here: Path) -> None:
        told = f"warning: nothing to check was found in empty ({LOOKED_FOR})\n"
        assert cli("check", "empty", cwd=here) == Ended(0, "", told)

    def test_unless_a_match_is_required(self, here: Path) -> None:
        told = (
            f"warning: nothing to check was found in empty ({LOOKED_FOR})\n"
            "error: no policy applied to anything (--require-match)\n"
        )
        assert cli("check", "--require-match", "empty", cwd=here) == Ended(2, "", told)

    def test_a_match_is_of_a_policy_not_of_a_file(self, here: Path) -> None:
        arguments = ["check", "--require-match", "good.yaml", "--select"]
        assert cli(*arguments, "privileged", cwd=here) == Ended(0, "", "")
        told = "error: no policy applied to anything (--require-match)\n"
        assert cli(*arguments, "user-missing", cwd=here) == Ended(2, "", told)

    def test_files_of_no_known_kind_are_counted_and_listed_on_demand(self, here: Path) -> None:
        (here / "empty" / "other.yaml").write_text("hello: world\n")
        told = f"warning: nothing to check was found in empty ({LOOKED_FOR}; 1 left out, --verbose lists them)\n"
        assert cli("check", "empty", cwd=here) == Ended(0, "", told)
        listed = cli("check", "empty", "--verbose", "--format", "full", cwd=here).out
        assert listed.startswith("skipped: empty/other.yaml: not of a known kind\n")

    @pytest.mark.parametrize("name", ["compose.yaml", "docker-compose.prod.yml"])
    def test_a_compose_file_without_services_says_so(self, name: str, here: Path) -> None:
        (here / "empty" / name).write_text("web: {image: nginx, privileged: true}\n")
        reason = "a Compose file without services: (Compose v1 is not read)"
        listed = cli("check", "empty", "--verbose", cwd=here)
        assert (listed.code, listed.out) == (0, f"empty/{name}: skipped: {reason}\n")
        named = cli("check", f"empty/{name}", cwd=here)
        kinds = "accounts, compose, docker, docker_config, dockerfile, firewall, host, kubernetes, ssh, sshd, sudoers"
        assert named == Ended(2, f"empty/{name}: error {reason} (input kinds are {kinds})\n", "")

    def test_json_says_the_same(self, here: Path) -> None:
        ended = cli("check", "empty", "--format", "json", cwd=here)
        assert json.loads(ended.out)["summary"]["inputs"] == 0


class TestStandardInput:
    @pytest.mark.parametrize(
        ("text", "found"),
        [
            (POD, "-:8:37: critical privileged web runs privileged\n"),
            (
                "services: {web: {image: nginx, privileged: true}}\n",
                "-:1:44: critical privileged web runs privileged\n",
            ),
            ("FROM nginx:latest\nUSER app\n", "-:1:6: medium base-latest nginx:latest refers to the tag latest\n"),
        ],
    )
    def test_tells_what_it_is_given(self, text: str, found: str, here: Path) -> None:
        ended = cli("check", "-", "--select", "privileged,base-latest", cwd=here, stdin=text)
        assert found in ended.out
        assert ended.code == 1

    def test_nothing_at_all_is_a_problem(self, here: Path) -> None:
        ended = cli("check", "-", cwd=here)
        assert (ended.code, ended.err) == (2, "")
        assert ended.out.startswith("-: error not of a known kind")

    def test_closed(self, here: Path) -> None:
        command = f"{' '.join(COMMAND)} check - <&-"
        ended = subprocess.run(["sh", "-c", command], cwd=here, env=variables(), capture_output=True, check=False)
        assert (ended.returncode, ended.stdout) == (2, b"-: error standard input is closed\n")

    def test_without_end(self, here: Path) -> None:
        command = f"yes | {' '.join(COMMAND)} check -"
        ended = subprocess.run(["sh", "-c", command], cwd=here, env=variables(), capture_output=True, check=False)
        assert (ended.returncode, ended.stdout) == (2, b"-: error larger than 64 MiB (exclude it)\n")

    def test_a_shell_gives_the_output_of_a_command_as_a_file(self, here: Path) -> None:
        command = f"{' '.join(COMMAND)} check --select privileged <(cat pod.yaml)"
        ended = subprocess.run(["bash", "-c", command], cwd=here, env=variables(), capture_output=True, check=False)
        assert re.fullmatch(rf"/dev/fd/\d+:8:37: {PRIVILEGED}\n", ended.stdout.decode())
        assert ended.returncode == 1


class TestSources:
    def test_the_working_directory_is_the_default(self, here: Path) -> None:
        (here / "broken.yaml").unlink()
        assert cli("check", "--select", "privileged", cwd=here) == only_privileged("pod.yaml")

    def test_a_file_named_twice_is_judged_once(self, here: Path) -> None:
        (here / "same.yaml").symlink_to("pod.yaml")
        found = cli("check", "--select", "privileged", "pod.yaml", "./pod.yaml", "same.yaml", cwd=here)
        assert found == only_privileged("pod.yaml")

    @pytest.mark.parametrize(
        "sources", [["app", "app/pod.yaml"], ["app/pod.yaml", "app"], ["app/pod.yaml", "app/", "."]]
    )
    def test_a_file_in_a_directory_that_is_named_too_is_a_part_of_it(self, sources: list[str], here: Path) -> None:
        """So it is judged once, and what it lacks is known to be lacking."""
        (here / "broken.yaml").unlink()
        (here / "app").mkdir()
        (here / "pod.yaml").rename(here / "app" / "pod.yaml")
        found = cli("check", "--select", "privileged,networkpolicy-missing", *sources, cwd=here)
        missing = "app/pod.yaml:3:18: high networkpolicy-missing no NetworkPolicy selects the Pods of web\n"
        assert found == Ended(1, f"{missing}app/pod.yaml:8:37: {PRIVILEGED}\n", "")

    @pytest.mark.parametrize(
        ("other", "reason"),
        [("nope.yaml", "is not there"), ("Dockerfile", "is no Compose file"), ("pod.yaml", "is no Compose file")],
    )
    def test_each_of_the_files_of_one_project_has_to_be_one(self, other: str, reason: str, here: Path) -> None:
        (here / "Dockerfile").write_text("FROM scratch\n")
        ended = cli("check", "--select", "privileged", f"good.yaml:{other}", cwd=here)
        assert (ended.code, ended.out) == (2, f"good.yaml: error {other} {reason}\n")

    def test_what_gitignore_leaves_out(self, here: Path) -> None:
        (here / "broken.yaml").unlink()
        (here / ".gitignore").write_text("pod.yaml\n")
        assert cli("check", "--select", "privileged", ".", cwd=here) == Ended(0, "", "")
        assert cli("check", "--select", "privileged", ".", "pod.yaml", cwd=here) == only_privileged("pod.yaml")

    def test_what_exclude_leaves_out(self, here: Path) -> None:
        arguments = ["check", "--select", "privileged", ".", "--exclude", "broken.*"]
        assert cli(*arguments, cwd=here) == only_privileged("pod.yaml")
        assert cli(*arguments, "--exclude", "pod.yaml", cwd=here) == Ended(0, "", "")

    def test_others_among_files_that_are_named_are_left_out_on_request(self, here: Path) -> None:
        """A hook names every changed file, of whatever kind, and those that the settings exclude."""
        (here / "README.md").write_text("apiVersion: v1\nkind: Pod\n\tand so on\n")
        (here / "vendor").mkdir()
        (here / "pod.yaml").rename(here / "vendor" / "pod.yaml")
        arguments = ["check", "--select", "privileged", "other.yaml", "README.md", "vendor/pod.yaml"]
        named = cli(*arguments, cwd=here)
        assert (named.code, [line.split(":")[0] for line in named.out.splitlines()]) == (
            2,
            ["vendor/pod.yaml", "other.yaml", "README.md"],
        )
        assert cli(*arguments, "--skip-others", cwd=here) == only_privileged("vendor/pod.yaml")
        (here / "policyengine.yaml").write_text("version: 1\nexclude: [vendor/]\n")
        nothing = "warning: nothing to check was found in other.yaml, README.md, vendor/pod.yaml"
        left_out = f"{nothing} ({LOOKED_FOR}; 1 left out, --verbose lists them)\n"
        assert cli(*arguments, "--skip-others", cwd=here) == Ended(0, "", left_out)

    def test_no_other_is_a_file_that_cannot_be_read(self, here: Path) -> None:
        told = cli("check", "--skip-others", "broken.yaml", "nowhere.yaml", cwd=here)
        assert told == cli("check", "broken.yaml", "nowhere.yaml", cwd=here)
        assert told.code == 2

    def test_directories_that_lead_to_themselves(self, here: Path) -> None:
        app = here / "app" / "a"
        app.mkdir(parents=True)
        (app / "up").symlink_to("..")
        (app / "loop.yaml").symlink_to("loop.yaml")
        (app / "dangling.yaml").symlink_to("nothing")
        os.mkfifo(app / "pipe.yaml")
        (here / "pod.yaml").rename(app / "pod.yaml")
        assert cli("check", "--select", "privileged", "app", cwd=here) == only_privileged("app/a/pod.yaml")

    def test_what_is_no_file_is_counted_and_listed_on_demand(self, here: Path) -> None:
        """What has a name that nobody judges, or is ignored, is not told."""
        app = here / "app"
        (app / "real").mkdir(parents=True)
        (app / "a.yaml").symlink_to("nothing")
        (app / "b.yaml").symlink_to("b.yaml")
        (app / "c.yaml").symlink_to("real")
        os.mkfifo(app / "d.yaml")
        (app / "e.yaml").symlink_to("d.yaml")
        for name in ("link", "ignored"):
            (app / name).symlink_to("real")
        (app / "picture.png").symlink_to("nothing")
        (app / ".gitignore").write_text("ignored\n")
        (here / "pod.yaml").rename(app / "pod.yaml")
        listed = cli("check", "--select", "privileged", "--verbose", "app", "./app", cwd=here)
        followed = "skipped: a symbolic link to a directory, which is not followed"
        assert listed.out.splitlines() == [
            *only_privileged("app/pod.yaml").out.splitlines(),
            "app/a.yaml: skipped: a symbolic link that leads to no file",
            "app/b.yaml: skipped: a symbolic link that leads to no file",
            f"app/c.yaml: {followed}",
            "app/d.yaml: skipped: not a regular file",
            "app/e.yaml: skipped: a symbolic link that leads to no file",
            f"app/link: {followed}",
        ]

    def test_a_file_outside_the_working_directory_keeps_its_path(self, here: Path) -> None:
        path = str(here / "pod.yaml")
        assert cli("check", "--select", "privileged", path, cwd=here / "empty") == only_privileged(path)
        assert cli("check", "--select", "privileged", "../pod.yaml", cwd=here / "empty") == only_privileged(
            "../pod.yaml"
        )

    def test_variables_come_from_env_only(self, here: Path) -> None:
        (here / "compose.yaml").write_text("services: {web: {image: nginx, privileged: '${P:-false}'}}\n")
        arguments = ["check", "--select", "privileged", "compose.yaml"]
        assert cli(*arguments, cwd=here, P="true") == Ended(0, "", "")
        assert cli(*arguments, "--env", "P=true", cwd=here).code == 1
