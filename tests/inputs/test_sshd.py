"""sshd_config as an input: what the resource says, where it is written, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policyengine.authentication.sshd.build import Build
from policyengine.authentication.sshd.keywords import keywords
from policyengine.documents.load import document
from policyengine.inputs.context import Context
from policyengine.model.kinds import sshd as kind
from policyengine.model.unknown import OpenList, Unknown
from policyengine.pipeline.keys import still_true
from policyengine.sources import Item, claimant

if TYPE_CHECKING:
    from pathlib import Path

    from policyengine.inputs import DocumentInput
    from policyengine.model.resource import Resource


def reader_of(path: Path) -> DocumentInput:
    """Who reads a file."""
    reader = claimant(document(str(path), path.read_bytes()))
    assert reader is not None
    assert reader.NAME == "sshd"
    return reader


def read(path: Path) -> tuple[Resource | None, list[str]]:
    """The server that a file configures, and the problems."""
    context = Context()
    resources = list(reader_of(path).read(document(str(path), path.read_bytes()), context))
    problems = [f"{problem.line}:{problem.column}: {problem.message}" for problem in context.problems]
    return (resources[0] if resources else None), problems


def written(directory: Path, files: dict[str, str], main: str = "etc/ssh/sshd_config") -> Path:
    """The main one of some files."""
    for name, text in files.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(text, encoding="utf-8")
    return directory / main


def place(resource: Resource, *path: str | int) -> str:
    """Where a field is written: the file's name, line and column."""
    return str(resource.where(path)).rpartition("/")[2]


def test_every_keyword_is_a_field() -> None:
    options = {one.option for one in keywords(Build()).values() if one.standing == "in use"}
    fields = {name.replace("_", "") for name in (*kind.GLOBAL, *kind.CONDITIONAL)}
    assert fields - {"rekeyinterval"} == options - {"match", "include", "rdomain"}


def test_what_may_stand_in_a_match_block_is_conditional() -> None:
    matched = {one.option for one in keywords(Build()).values() if one.standing == "in use" and one.in_match}
    matched |= {"ignorerhosts", "rekeyinterval"}
    assert {name.replace("_", "") for name in kind.CONDITIONAL} == matched - {"match", "include", "rdomain"}


def test_a_tree_is_read_as_sshd_reads_it(tmp_path: Path) -> None:
    files = {
        "etc/ssh/sshd_config": (
            "Include /etc/ssh/sshd_config.d/*.conf\n"
            "PermitRootLogin yes # for now\n"
            "PasswordAuthentication yes\n"
            "AllowUsers alice bob\n"
            "AllowUsers carol\n"
            "MaxStartups 10:30:60\n"
            "Match User bob Address 10.0.0.0/8\n"
            "  PermitRootLogin no\n"
            "  PermitEmptyPasswords yes\n"
            "Match User root,bob\n"
            "  PermitRootLogin without-password\n"
        ),
        "etc/ssh/sshd_config.d/10-cloud.conf": "PasswordAuthentication no\nMatch Group sftp\n  Include sftp.inc\n",
        "etc/ssh/sftp.inc": "ForceCommand internal-sftp\n",
        "etc/passwd": "root:x:0:0::/root:/bin/sh\n",
        "etc/group": "root:x:0:\n",
    }
    resource, problems = read(written(tmp_path, files))
    assert problems == []
    assert resource is not None
    facts = resource.facts
    assert facts["permit_root_login"] == "yes"
    assert place(resource, "permit_root_login") == "sshd_config:2:17"
    assert facts["password_authentication"] is False
    assert place(resource, "password_authentication") == "10-cloud.conf:1:24"
    assert resource.provenance(("password_authentication",)).how == "declared"
    assert facts["allow_users"] == ["alice", "bob", "carol"]
    assert facts["max_startups"] == {"begin": 10, "rate": 30, "full": 60}
    assert facts["max_auth_tries"] == 6
    assert resource.provenance(("max_auth_tries",)) == ("default", "OpenSSH 9.2 (Debian)")
    assert place(resource, "max_auth_tries") == "sshd_config:1:1"
    assert facts["matches"] == [
        {"condition": "Group sftp", "force_command": "internal-sftp"},
        {"condition": "User bob Address 10.0.0.0/8", "permit_empty_passwords": True},
        {"condition": "User root,bob", "permit_root_login": "without-password"},
    ]
    assert place(resource, "matches", 0, "force_command") == "sftp.inc:1:14"
    assert place(resource, "matches", 1) == "sshd_config:7:1"
    assert facts["settings"][:3] == [  # type: ignore[index]
        {"option": "passwordauthentication", "value": "no"},
        {"option": "forcecommand", "value": "internal-sftp", "condition": "Group sftp"},
        {"option": "permitrootlogin", "value": "yes"},
    ]


def test_the_version_is_that_of_the_package(tmp_path: Path) -> None:
    status = "Package: openssh-client\nVersion: 1:9.9p1-3\n\nPackage: openssh-server\nStatus: x\nVersion: 1:8.4p1-5\n\n"
    resource, _ = read(written(tmp_path, {"etc/ssh/sshd_config": "", "var/lib/dpkg/status": status}))
    assert resource is not None
    assert (resource.facts["version"], resource.facts["vendor"]) == ("8.4", "debian")
    assert "required_rsa_size" not in resource.facts


def test_what_an_include_names_elsewhere_is_unknown(tmp_path: Path) -> None:
    files = {"roles/sshd_config": "Include /etc/crypto-policies/back-ends/opensshserver.config\nUsePAM yes\n"}
    resource, problems = read(written(tmp_path, files, "roles/sshd_config"))
    assert resource is not None
    assert problems == []
    found = resource.facts["use_pam"]
    assert isinstance(found, Unknown)
    assert found.why.startswith("/etc/crypto-policies does not lie beside ")


def test_files_beside_a_single_one_are_included(tmp_path: Path) -> None:
    files = {
        "roles/sshd_config": "Include /etc/ssh/sshd_config.d/*.conf\nUsePAM yes\n",
        "roles/sshd_config.d/a.conf": "UsePAM no\n",
    }
    resource, _ = read(written(tmp_path, files, "roles/sshd_config"))
    assert resource is not None
    assert resource.facts["use_pam"] is False


DROP_INS = "/etc/ssh/sshd_config.d"


def not_given(path: Path, directory: str = DROP_INS) -> Unknown:
    """What is said of files that a lone one includes."""
    return Unknown(
        directory,
        f"{path} was given without the files of {directory} that it includes",
        f"check the directory, the image or the host that has {directory}",
    )


def test_what_files_that_were_not_given_may_set_first_is_unknown(tmp_path: Path) -> None:
    text = (
        "PermitRootLogin no\nPort 22\nAllowUsers alice\nInclude /etc/ssh/sshd_config.d/*.conf\nPermitRootLogin yes\n"
        "UsePAM yes\nMatch User bob\n  X11Forwarding yes\n"
    )
    path = written(tmp_path, {"roles/sshd_config": text}, "roles/sshd_config")
    resource, problems = read(path)
    assert problems == []
    assert resource is not None
    facts, unread = resource.facts, not_given(path)
    assert facts["permit_root_login"] == "no"
    assert place(resource, "permit_root_login") == "sshd_config:1:17"
    assert (facts["use_pam"], facts["max_auth_tries"], facts["protocol"]) == (unread, unread, unread)
    assert facts["port"] == unread  # one more may be listened at
    assert isinstance(facts["allow_users"], OpenList)
    assert (facts["allow_users"], facts["allow_users"].unknown) == (["alice"], unread)
    assert isinstance(facts["matches"], OpenList)
    assert (facts["matches"], facts["matches"].unknown) == (
        [{"condition": "User bob", "x11_forwarding": unread}],
        unread,
    )
    assert isinstance(facts["settings"], OpenList)
    assert len(facts["settings"]) == 6
    assert isinstance(facts["includes"], OpenList)


def test_what_a_block_sets_before_it_includes_such_files_is_known(tmp_path: Path) -> None:
    text = "UsePAM yes\nMatch User bob\n  PermitTTY no\n  Include sshd_config.d/bob\n  X11Forwarding yes\n"
    path = written(tmp_path, {"sshd_config": text}, "sshd_config")
    resource, _ = read(path)
    assert resource is not None
    unread = not_given(path)
    assert (resource.facts["use_pam"], resource.facts["max_auth_tries"]) == (True, 6)
    assert resource.facts["matches"] == [{"condition": "User bob", "permit_tty": False, "x11_forwarding": unread}]


@pytest.mark.parametrize(
    ("include", "directory"),
    [
        ("/etc/ssh/sshd_config.d/*.conf", DROP_INS),
        ("sshd_config.d/10-cloud-init.conf", DROP_INS),
        ("/etc/ssh/*/a.conf", "/etc/ssh"),
        ("local.conf", "/etc/ssh"),
        ("*.conf", "/etc/ssh"),
    ],
)
def test_a_file_that_was_given_by_itself_may_include_others(include: str, directory: str, tmp_path: Path) -> None:
    path = written(tmp_path, {"sshd_config": f"Include {include}\nUsePAM yes\n"}, "sshd_config")
    resource, problems = read(path)
    assert problems == []
    assert resource is not None
    assert resource.facts["use_pam"] == not_given(path, directory)


@pytest.mark.parametrize("include", ["/etc/ssh/sshd_config.d/*.conf", "sshd_config.d/b.conf", "/etc/ssh/*.conf"])
def test_what_a_directory_that_is_there_does_not_hold_is_not_there(include: str, tmp_path: Path) -> None:
    files = {
        "sshd_config": f"Include {include}\nUsePAM yes\n",
        "sshd_config.d/README": "None.\n",
        "mine.conf": "UseDNS yes\n",
    }
    resource, _ = read(written(tmp_path, files, "sshd_config"))
    assert resource is not None
    assert resource.facts["use_pam"] is True
    assert resource.facts["max_auth_tries"] == 6


def test_in_a_tree_all_is_seen(tmp_path: Path) -> None:
    resource, _ = read(written(tmp_path, {"etc/ssh/sshd_config": "Include sshd_config.d/*.conf\nUsePAM yes\n"}))
    assert resource is not None
    assert (resource.facts["use_pam"], resource.facts["max_auth_tries"]) == (True, 6)


def test_a_part_says_nothing_of_what_it_does_not_set(tmp_path: Path) -> None:
    resource, _ = read(written(tmp_path, {"sshd_config.d/x.conf": "UsePAM yes\n"}, "sshd_config.d/x.conf"))
    assert resource is not None
    assert resource.facts["use_pam"] is True
    assert isinstance(resource.facts["permit_root_login"], Unknown)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("UsePAM yes\nCiphers blowfish\n", "2:9: sshd refuses it: Bad SSH2 cipher spec 'blowfish'."),
        (
            "Match User bob\n UsePAM no\n",
            "2:9: sshd refuses it: Directive 'UsePAM' is not allowed within a Match block",
        ),
        ("PermitRootLoginn no\nUsePAM yes\n", "1:1: sshd refuses it: Bad configuration option: PermitRootLoginn"),
        ('Banner "/etc/issue\n', "1:8: sshd refuses it: invalid quotes"),
        ("UsePAM\n", '1:1: sshd refuses it: no argument after keyword "UsePAM"'),
    ],
)
def test_what_sshd_refuses_is_a_problem(text: str, problem: str, tmp_path: Path) -> None:
    assert read(written(tmp_path, {"sshd_config": text}, "sshd_config")) == (None, [problem])


@pytest.mark.parametrize("name", ["sshd_config", "my.sshd_config", "sshd_config.j2", "sshd-bastion.conf", "config"])
def test_a_file_is_known_by_its_name_or_its_content(name: str, tmp_path: Path) -> None:
    text = "# mine\n\nPort 22\n\tPermitRootLogin no\n"
    resource, _ = read(written(tmp_path, {name: text}, name))
    assert resource is not None
    assert place(resource, "permit_root_login") == f"{name}:4:18"


@pytest.mark.parametrize(
    "text", ["PermitRootLogin: no\n", "- lineinfile: |\n    PermitRootLogin no\n", "tasks:\n  PermitRootLogin no\n"]
)
def test_yaml_that_speaks_of_sshd_is_yaml(text: str) -> None:
    assert document("-", text.encode()).format == "yaml"


def test_of_very_many_blocks_the_first_are_looked_at(tmp_path: Path) -> None:
    text = "UsePAM yes\n" + "Match User eve\n X11Forwarding yes\n" * 500
    resource, problems = read(written(tmp_path, {"sshd_config": text}, "sshd_config"))
    assert problems == []
    assert resource is not None
    matches = resource.facts["matches"]
    assert isinstance(matches, OpenList)
    assert len(matches) == 39
    assert matches.unknown.why == "it has 500 Match blocks, of which the first 39 are looked at"


def test_a_result_that_is_kept_hangs_on_what_lies_beside(tmp_path: Path) -> None:
    path = written(tmp_path, {"r/sshd_config": "Include sshd_config.d/*.conf\n"}, "r/sshd_config")
    context = Context()
    list(reader_of(path).read(document(str(path), path.read_bytes()), context))
    found = dict(context.files.found)
    assert still_true(found, Item(str(path)), {})
    written(tmp_path, {"r/sshd_config.d/a.conf": "UsePAM yes\n"})
    assert not still_true(found, Item(str(path)), {})
