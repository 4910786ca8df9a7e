"""sudoers as an input: what the resources say, where it is written, and what sudo does not read."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from policyengine.authentication.files import Entry, Given, Placed
from policyengine.authentication.sudoers.options import OPTIONS
from policyengine.documents.load import document
from policyengine.inputs.authentication.sudoers import resources
from policyengine.inputs.authentication.sudoers.rules import MOST_RULES
from policyengine.inputs.context import Context
from policyengine.inputs.files import Files
from policyengine.model.kinds import sudoers as kind
from policyengine.model.scope import Scope
from policyengine.model.unknown import OpenList, Unknown
from policyengine.sources import claimant
from tests.authentication.sudoers.laboratory import asked, lacking

if TYPE_CHECKING:
    from pathlib import Path

    from policyengine.authentication.files import Something
    from policyengine.model.resource import Resource

MAIN = "/etc/sudoers"
SITE = "/etc/sudoers.d/site"
INCLUDING = "@includedir /etc/sudoers.d\n"


def read(files: dict[str, Something] | str) -> list[Resource]:
    """What a root's files come to: the whole, then the rules."""
    given = {MAIN: files} if isinstance(files, str) else files
    scope = Scope("host", "box", "box")
    return list(resources(Given(given), "box", scope, "host", lambda message, _: pytest.fail(message)))


def whole(files: dict[str, Something] | str) -> Resource:
    return read(files)[0]


def rules(files: dict[str, Something] | str) -> list[Resource]:
    return read(files)[1:]


def rule(text: str) -> dict[str, Any]:
    """The facts of the one rule of a text."""
    [found] = rules(text)
    return dict(found.facts)


def place(resource: Resource, *path: str | int) -> str:
    at = resource.where(path)
    return f"{at.path}:{at.line}:{at.column}"


def test_every_option_that_is_a_field_is_one_of_sudo() -> None:
    assert kind.OPTIONS.keys() <= OPTIONS.keys()


def test_there_is_nothing_without_sudoers() -> None:
    assert read({"/etc/passwd": ""}) == []


@pytest.mark.parametrize(
    ("text", "field", "expected"),
    [
        ("", "use_pty", False),
        ("Defaults use_pty\n", "use_pty", True),
        ("Defaults use_pty\nDefaults !use_pty\n", "use_pty", False),
        ("Defaults:bob use_pty\n", "use_pty", False),
        ("Defaults timestamp_timeout=+2.5\n", "timestamp_timeout", 2.5),
        ("Defaults !timestamp_timeout\n", "timestamp_timeout", 0.0),
        ("Defaults timestamp_timeout=soon\n", "timestamp_timeout", 15.0),
        ("Defaults umask=27\n", "umask", "0027"),
        ("Defaults !umask\n", "umask", "0777"),
        ('Defaults env_keep="A B", env_keep += "C A", env_keep -= B\n', "env_keep", ["A", "C"]),
        ('Defaults env_keep="A B"\nDefaults !env_keep\n', "env_keep", []),
        ("Defaults lecture\nDefaults !lecture\n", "lecture", "never"),
        ("Defaults !syslog\nDefaults syslog\n", "syslog", "authpriv"),
        ("Defaults logfile=relative\n", "logfile", None),
        ("Defaults logfile=/a\nDefaults !logfile\n", "logfile", None),
        ("Defaults passwd_tries=2", "passwd_tries", 2),
        ("Defaults\tuse_pty # and a comment\n", "use_pty", True),
    ],
)
def test_options_are_what_the_lines_for_all_come_to(text: str, field: str, expected: object) -> None:
    assert whole(text).facts.get(field) == expected


@pytest.mark.parametrize(
    ("version", "pty", "timeout"),
    [("1.9.13p3-1", False, 15.0), ("1.9.15p5-3ubuntu5", True, 15.0), ("1:1.8.27-1", False, 15.0)],
)
def test_defaults_are_those_of_the_sudo_that_is_installed(version: str, pty: bool, timeout: float) -> None:
    found = whole(
        {MAIN: "", "/var/lib/dpkg/status": f"Package: sudo\nStatus: install ok installed\nVersion: {version}\n"}
    )
    assert (found.facts["use_pty"], found.facts["timestamp_timeout"]) == (pty, timeout)
    assert found.facts["vendor"] == "debian"


def test_alpine_has_the_defaults_of_sudo_itself() -> None:
    found = whole({MAIN: "", "/lib/apk/db/installed": "P:sudo\nV:1.9.15_p5-r0\n\n"})
    assert [found.facts[name] for name in ("vendor", "version", "use_pty", "timestamp_timeout")] == [
        "upstream",
        "1.9.15",
        True,
        5.0,
    ]


def test_a_setting_says_for_whom_it_is() -> None:
    found = whole("Defaults!/usr/bin/less noexec, !log_output\nDefaults>root passwd_tries = 1\n")
    assert found.facts["settings"] == found.facts["scoped_settings"]
    assert found.facts["settings"] == [
        {
            "option": "noexec",
            "value": "true",
            "assignment": "noexec",
            "operation": "set",
            "scope": "command",
            "subjects": ["/usr/bin/less"],
        },
        {
            "option": "log_output",
            "value": "false",
            "assignment": "!log_output",
            "operation": "unset",
            "scope": "command",
            "subjects": ["/usr/bin/less"],
        },
        {
            "option": "passwd_tries",
            "value": "1",
            "assignment": "passwd_tries=1",
            "operation": "set",
            "number": 1,
            "scope": "runas",
            "subjects": ["root"],
        },
    ]
    assert place(found, "settings", 1) == "/etc/sudoers:1:32"


def test_a_rule_is_a_command_with_all_that_holds_for_it() -> None:
    text = "User_Alias OPS = bob, !eve\nCmnd_Alias LS = /bin/ls, !/bin/ls -l\nOPS web = (www:adm) NOPASSWD: LS\n"
    assert rule(text) == {
        "name": "OPS web = LS",
        "read": True,
        "refused": False,
        "users": ["bob", "!eve"],
        "everybody": False,
        "only_root": False,
        "hosts": ["web"],
        "run_as_given": True,
        "run_as_users": ["www"],
        "run_as_groups": ["adm"],
        "run_as_root": False,
        "commands": [
            {
                "name": "/bin/ls",
                "arguments": "any",
                "line": "/bin/ls",
                "negated": False,
                "digest": False,
                "everything": False,
            },
            {
                "name": "/bin/ls",
                "arguments": "given",
                "line": "/bin/ls -l",
                "negated": True,
                "digest": False,
                "everything": False,
            },
        ],
        "grants": True,
        "everything": False,
        "authenticate": False,
        "nopasswd": True,
        "noexec": False,
        "setenv": False,
        "setenv_given": False,
    }


@pytest.mark.parametrize(
    ("text", "field", "expected"),
    [
        ("bob ALL = ALL", "run_as_root", True),
        ("bob ALL = ALL", "run_as_given", False),
        ("Defaults runas_default=www\nbob ALL = ALL", "run_as_root", False),
        ("bob ALL = () ALL", "run_as_users", []),
        ("bob ALL = (:adm) ALL", "run_as_root", False),
        ("bob ALL = (ALL, !root) ALL", "run_as_root", False),
        ("bob ALL = (!root, ALL) ALL", "run_as_root", True),
        ("bob ALL = (#0) ALL", "run_as_root", True),
        ("bob ALL = (#00) ALL", "run_as_root", True),
        ("bob ALL = (%root) ALL", "run_as_root", True),
        ("bob ALL = (%#0, !root) ALL", "run_as_root", False),
        ("bob ALL = (ALL, !%root) ALL", "run_as_root", False),
        ("#00 ALL = ALL", "only_root", True),
        ("%root ALL = ALL", "only_root", False),
        ("bob ALL = ALL", "setenv", True),
        ("bob ALL = ALL", "setenv_given", False),
        ("bob ALL = NOSETENV: ALL", "setenv", False),
        ("bob ALL = !ALL", "everything", False),
        ("Defaults !authenticate\nbob ALL = /bin/ls", "authenticate", False),
        ("Defaults !authenticate\nbob ALL = PASSWD: /bin/ls", "authenticate", True),
        ("Defaults noexec\nbob ALL = EXEC: /bin/ls", "noexec", False),
        ("ALL, !bob ALL = /bin/ls", "everybody", True),
        ("ALL, !ALL ALL = /bin/ls", "everybody", False),
        ("root ALL = ALL", "only_root", True),
        ("root, bob ALL = ALL", "only_root", False),
        ("NOBODY ALL = ALL", "users", ["NOBODY"]),
    ],
)
def test_what_a_rule_says(text: str, field: str, expected: object) -> None:
    assert rule(f"{text}\n")[field] == expected


GRANTING = {
    "/bin/ls": True,
    "!/bin/ls": False,
    "!!/bin/ls": True,
    "ALL": True,
    "!ALL": False,
    "SHELLS": True,
    "!SHELLS": False,
    "MIXED": True,
    "!MIXED": True,
    "NONE": False,
    "!NONE": True,
    "NOPASSWD: !SHELLS": False,
    "!NOBODY_DEFINED_THIS": False,
}
_ALIASES = """\
Cmnd_Alias SHELLS = /bin/sh, /bin/bash
Cmnd_Alias MIXED = /bin/ls, !SHELLS
Cmnd_Alias NONE = !SHELLS, !/bin/ls
"""


@pytest.mark.parametrize(("commands", "grants"), GRANTING.items())
def test_what_is_only_excluded_grants_nothing(commands: str, grants: bool) -> None:
    assert rule(f"{_ALIASES}bob ALL = {commands}\n")["grants"] is grants


@pytest.mark.skipif(lacking() is not None, reason="there is no sudo of the version that is compared with")
def test_cvtsudoers_has_the_same_negated(tmp_path: Path) -> None:
    granting = {commands: grants for commands, grants in GRANTING.items() if "DEFINED" not in commands}
    for number, (commands, grants) in enumerate(granting.items()):
        answer = asked(tmp_path / str(number), {"sudoers": f"{_ALIASES}bob ALL = {commands}\n"})
        [line] = answer.expanded["User_Specs"]
        [spec] = line["Cmnd_Specs"]
        assert any(not one.get("negated", False) for one in spec["Commands"]) is grants, commands


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("/bin/ls", "any"),
        ('/bin/ls ""', "none"),
        ("/bin/ls -l", "given"),
        ("/usr/bin/", "any"),
        ("ALL", "any"),
        ("sudoedit /etc/motd", "given"),
        ("list", "any"),
    ],
)
def test_a_command_says_with_which_arguments(command: str, arguments: str) -> None:
    [found] = rule(f"bob ALL = {command}\n")["commands"]
    assert found["arguments"] == arguments


def test_tags_and_users_hold_for_what_follows() -> None:
    found = rules("bob ALL = (www) NOPASSWD: /bin/a, /bin/b, PASSWD: /bin/c, (root) /bin/d\n")
    assert [(one.facts["nopasswd"], one.facts["run_as_users"]) for one in found] == [
        (True, ["www"]),
        (True, ["www"]),
        (False, ["www"]),
        (False, ["root"]),
    ]
    assert [place(one, "nopasswd") for one in found] == [f"/etc/sudoers:1:{column}" for column in (27, 35, 51, 66)]


PARTS: list[tuple[str, dict[str, Something], list[str], list[str]]] = [
    ("it is included", {MAIN: INCLUDING, SITE: ""}, [MAIN, SITE], []),
    ("nothing includes it", {MAIN: "", SITE: ""}, [MAIN], [SITE]),
    ("a period", {MAIN: INCLUDING, f"{SITE}.conf": ""}, [MAIN], [f"{SITE}.conf"]),
    ("a tilde", {MAIN: INCLUDING, f"{SITE}~": ""}, [MAIN], [f"{SITE}~"]),
    ("others may write", {MAIN: INCLUDING, SITE: Placed("", 0o646)}, [MAIN], [SITE]),
    ("its group may write", {MAIN: INCLUDING, SITE: Placed("", 0o664, gid=5)}, [MAIN], [SITE]),
    ("root's group may", {MAIN: INCLUDING, SITE: Placed("", 0o664)}, [MAIN, SITE], []),
    ("it is another's", {MAIN: INCLUDING, SITE: Placed("", 0o440, uid=5)}, [MAIN], [SITE]),
    (
        "its directory is open",
        {MAIN: INCLUDING, "/etc/sudoers.d": Entry("directory", 0o777, 0, 0), SITE: ""},
        [MAIN],
        [SITE],
    ),
    ("the main file is open", {MAIN: Placed("", 0o666), SITE: ""}, [], [MAIN, SITE]),
    ("by name", {MAIN: "@include sudoers.d/site\n", SITE: ""}, [MAIN, SITE], []),
    ("by a link", {MAIN: f"@include {SITE}\n", SITE: Entry("symlink", 0o777, 0, 0, target="b"), "/etc/sudoers.d/b": ""},
     [MAIN, "/etc/sudoers.d/b"], []),
    ("twice", {MAIN: f"{INCLUDING}{INCLUDING}", SITE: ""}, [MAIN, SITE], []),
    ("of a vendor", {"/usr/etc/sudoers": INCLUDING, SITE: ""}, ["/usr/etc/sudoers", SITE], []),
    ("a directory in it", {MAIN: INCLUDING, "/etc/sudoers.d/more/site": ""}, [MAIN], []),
    ("quoted", {MAIN: '@include "/etc/two words"\n', "/etc/two words": ""}, [MAIN, "/etc/two words"], []),
    ("escaped", {MAIN: "@include /etc/two\\ words\n", "/etc/two words": ""}, [MAIN, "/etc/two words"], []),
]  # fmt: skip


@pytest.mark.parametrize(("files", "seen", "unread"), [part[1:] for part in PARTS], ids=[part[0] for part in PARTS])
def test_which_files_sudo_reads(files: dict[str, Something], seen: list[str], unread: list[str]) -> None:
    found = whole(files).facts
    assert (found["files"], found["unread"]) == (seen, unread)


def test_what_sudo_does_not_read_is_told_apart() -> None:
    found = read({MAIN: "", SITE: "Defaults use_pty\nbob ALL = ALL\n"})
    assert found[0].facts["use_pty"] is False
    assert found[0].facts["settings"] == []
    assert found[0].facts["unread_settings"][0]["option"] == "use_pty"  # type: ignore[index]
    assert [one.facts["read"] for one in found[1:]] == [False]


def test_a_line_that_is_refused_is_a_rule_of_which_nothing_is_known() -> None:
    found = read("bob ALL = ALL\nbob ALL = (root adm) ALL\n")
    assert found[0].facts["errors"] == [{"message": "syntax error"}]
    assert place(found[0], "errors", 0) == "/etc/sudoers:2:17"
    [good, bad] = found[1:]
    assert (good.facts["read"], good.facts["refused"]) == (True, False)
    assert (bad.facts["read"], bad.facts["refused"]) == (False, True)
    assert isinstance(bad.facts["users"], Unknown)
    assert place(bad, "users") == "/etc/sudoers:2:1"


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({MAIN: Unknown("x", "it is on a tmpfs")}, "it is on a tmpfs"),
        ({MAIN: INCLUDING, SITE: Unknown("x", "it is on a tmpfs")}, "it is on a tmpfs"),
        ({MAIN: INCLUDING, "/etc/sudoers.d": Unknown("x", "it is on a tmpfs")}, "it is on a tmpfs"),
        ({MAIN: "@include /etc/sudoers.%h\n"}, "/etc/sudoers.%h stands for another file on every host"),
        ({MAIN: "#" * ((1 << 20) + 1)}, "/etc/sudoers is longer than 1048576 bytes"),
        ({MAIN: "@include sudoers\n@include sudoers\n"}, "its files include others more than 2000 times"),
    ],
)
def test_what_cannot_be_read_leaves_all_open(files: dict[str, Something], why: str) -> None:
    found = read(files)
    option, settings = found[0].facts["use_pty"], found[0].facts["settings"]
    assert isinstance(option, Unknown)
    assert option.why == why
    assert isinstance(settings, Unknown | OpenList)
    assert isinstance(found[-1].facts["users"], Unknown), "a rule stands for those that are not seen"


def test_an_endless_include_ends_as_it_does_for_sudo() -> None:
    found = whole("@include sudoers\n").facts
    assert found["errors"] == [{"message": "too many levels of includes"}]


def test_a_line_that_is_read_again_and_again_is_one_rule() -> None:
    found = rules("bob ALL = /bin/ls\n@include sudoers\nbob ALL = /bin/ls\n")
    assert [one.where(("name",)).line for one in found] == [1, 3]


def test_aliases_that_double_are_bounded() -> None:
    lines = [f"User_Alias A{number} = A{number + 1}, A{number + 1}\n" for number in range(60)]
    assert isinstance(rule("".join([*lines, "A0 ALL = ALL\n"]))["users"], Unknown)


def of_project(directory: Path, path: str, *, closed: bool = False) -> tuple[list[Resource], Context]:
    """What a file of a project comes to."""
    named = directory / path
    found = document(str(named), named.read_bytes())
    reader, context = claimant(found), Context(closed=closed, files=Files(str(directory)))
    assert reader is not None
    assert reader.NAME == "sudoers"
    return list(reader.read(found, context)), context


def written(directory: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(text, encoding="utf-8")


TREE = {"etc/sudoers": "Defaults use_pty\n@includedir /etc/sudoers.d\n", "etc/sudoers.d/site": "bob ALL = ALL\n"}


def test_a_tree_is_read_as_a_root(tmp_path: Path) -> None:
    written(tmp_path, TREE)
    found, _ = of_project(tmp_path, "etc/sudoers")
    assert [one.name for one in found] == ["sudoers", "bob ALL = ALL"]
    assert place(found[1], "commands") == f"{tmp_path}/etc/sudoers.d/site:1:11"


def not_given(path: Path, directory: str) -> Unknown:
    """What is said of files that a lone one includes."""
    return Unknown(
        directory,
        f"{path} was given without the files of {directory} that it includes",
        f"check the directory, the image or the host that has {directory}",
    )


@pytest.mark.parametrize(
    ("include", "directory"),
    [
        ("@includedir /etc/sudoers.d", "/etc/sudoers.d"),
        ("#includedir sudoers.d", "/etc/sudoers.d"),
        ("@include /etc/sudoers.local", "/etc"),
        ("@include sudoers.d/site", "/etc/sudoers.d"),
    ],
)
def test_what_files_that_were_not_given_may_set_later_is_unknown(include: str, directory: str, tmp_path: Path) -> None:
    text = f'Defaults use_pty, env_keep="A"\n{include}\nDefaults !noexec, env_keep+="B"\nbob ALL = /bin/ls\n'
    written(tmp_path, {"sudoers": text})
    (found, bob, others), _ = of_project(tmp_path, "sudoers")
    unread = not_given(tmp_path / "sudoers", directory)
    assert (found.facts["use_pty"], found.facts["env_keep"], found.facts["passwd_tries"]) == (unread, unread, unread)
    assert found.facts["noexec"] is False  # it is set anew after all that is included
    assert isinstance(found.facts["errors"], OpenList)
    assert (found.facts["errors"], found.facts["errors"].unknown) == ([], unread)
    assert isinstance(found.facts["settings"], OpenList)
    assert (bob.name, bob.facts["noexec"], bob.facts["authenticate"]) == ("bob ALL = /bin/ls", False, unread)
    assert others.facts["users"] == unread


@pytest.mark.parametrize("include", ["@includedir /etc/sudoers.d", "@include sudoers.d/site"])
def test_what_a_directory_that_is_there_does_not_hold_is_not_there(include: str, tmp_path: Path) -> None:
    written(tmp_path, {"sudoers": f"{include}\nDefaults use_pty\n", "sudoers.d/README.md": "# None.\n"})
    [found], _ = of_project(tmp_path, "sudoers")
    assert (found.facts["use_pty"], found.facts["passwd_tries"]) == (True, 3)
    missing = (
        []
        if "includedir" in include
        else [{"message": "unable to open /etc/sudoers.d/site: No such file or directory"}]
    )
    assert found.facts["errors"] == missing


def test_in_a_tree_all_is_seen(tmp_path: Path) -> None:
    written(tmp_path, {"etc/sudoers": TREE["etc/sudoers"]})
    [found], _ = of_project(tmp_path, "etc/sudoers")
    assert (found.facts["use_pty"], found.facts["errors"]) == (True, [])


def test_a_part_knows_only_its_own(tmp_path: Path) -> None:
    written(tmp_path, TREE)
    found, _ = of_project(tmp_path, "etc/sudoers.d/site")
    assert isinstance(found[0].facts["use_pty"], Unknown)
    assert isinstance(found[1].facts["authenticate"], Unknown)
    assert found[1].facts["users"] == ["bob"]


def test_a_part_is_read_once_where_all_is_judged(tmp_path: Path) -> None:
    written(tmp_path, TREE)
    found, context = of_project(tmp_path, "etc/sudoers.d/site", closed=True)
    assert found == []
    assert [one.reason for one in context.skipped] == [f"read with {tmp_path}/etc/sudoers"]


@pytest.mark.parametrize(
    ("name", "text", "claimed"),
    [
        ("sudoers", "", True),
        ("web.sudoers", "", True),
        ("sudoers-web", "", True),
        ("sudoers.md", "# sudoers\n", False),
        ("sudoers.d/site", "", True),
        ("sudoers.d/site.conf", "", False),
        ("stdin", "Defaults env_reset\nroot ALL=(ALL:ALL) ALL\n", True),
        ("stdin", "# comment\n\n%wheel ALL=(ALL) ALL\n", True),
        ("stdin", "Defaults are good\n", False),
        ("stdin", "a: b\n", False),
    ],
)
def test_which_files_are_sudoers(name: str, text: str, claimed: bool) -> None:
    found = claimant(document(name, text.encode()))
    assert (found is not None and found.NAME == "sudoers") == claimed


@pytest.mark.parametrize(
    "text",
    [
        "bob ALL = " + "^ " * 60_000,
        "^ " * 60_000,
        '"' + "\\a" * 60_000 + '" ALL = ALL',
        "bob ALL = /a " + "\\*" * 60_000,
    ],
    ids=["regular expressions", "words", "a quoted word", "arguments"],
)
def test_a_long_line_takes_time_in_proportion(text: str) -> None:
    before = time.process_time()
    read(f"{text}\n")
    assert time.process_time() - before < 8


def test_of_very_many_rules_the_first_are_looked_at() -> None:
    found = rules("bob ALL = /bin/ls\n" * (MOST_RULES + 1))
    assert len(found) == MOST_RULES + 1
    assert isinstance(found[-1].facts["users"], Unknown)
