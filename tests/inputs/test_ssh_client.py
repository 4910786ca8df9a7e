"""A root's client of SSH as a resource."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policyengine.authentication.files import Given
from policyengine.documents.load import document, format_of
from policyengine.inputs.authentication.ssh_client import resources
from policyengine.inputs.context import Context
from policyengine.inputs.files import Files
from policyengine.model.provenance import Provenance
from policyengine.model.scope import Scope
from policyengine.model.unknown import OpenList, Unknown
from policyengine.sources import claimant
from tests.installation import ROOT
from tests.running import cli

if TYPE_CHECKING:
    from pathlib import Path

    from policyengine.authentication.files import Something
    from policyengine.model.location import Location
    from policyengine.model.resource import Resource

CONFIG = "/etc/ssh/ssh_config"


def made(files: dict[str, Something]) -> tuple[list[Resource], list[str]]:
    problems: list[str] = []

    def refused(message: str, where: Location) -> None:
        problems.append(f"{where}: {message}")

    return list(resources(Given(files, "box!"), "box", Scope("host", "box"), "host", refused)), problems


def test_values_places_and_provenance() -> None:
    text = "Host bastion\n  ForwardAgent yes\nHost *\n  MACs hmac-sha2-512,hmac-sha2-256\n  RekeyLimit 1G 1h\n"
    (client,), problems = made({CONFIG: text, "/var/lib/dpkg/status": "Package: openssh-client\nVersion: 1:9.2p1-2\n"})
    facts = client.facts
    assert problems == []
    assert (facts["version"], facts["vendor"]) == ("9.2", "debian")
    assert (facts["macs"], facts["rekey_limit"], facts["rekey_interval"]) == (
        ["hmac-sha2-512", "hmac-sha2-256"],
        1 << 30,
        3600,
    )
    assert (facts["forward_agent"], facts["hash_known_hosts"], facts["strict_host_key_checking"]) == (
        "no",
        False,
        "ask",
    )
    assert facts["blocks"] == [{"condition": "Host bastion", "forward_agent": "yes"}]
    assert facts["settings"] == [
        {"option": "forwardagent", "value": "yes", "file": f"box!{CONFIG}", "condition": "Host bastion"},
        {"option": "macs", "value": "hmac-sha2-512,hmac-sha2-256", "file": f"box!{CONFIG}"},
        {"option": "rekeylimit", "value": "1G 1h", "file": f"box!{CONFIG}"},
    ]
    assert str(client.where(("macs", 1))) == f"box!{CONFIG}:4:8"
    assert str(client.where(("blocks", 0, "forward_agent"))) == f"box!{CONFIG}:2:16"
    assert client.provenance(("rekey_limit",)).how == "declared"
    assert client.provenance(("forward_agent",)) == Provenance("default", "OpenSSH 9.2 (Debian)")


def test_no_configuration_makes_nothing() -> None:
    assert made({"/etc/ssh/sshd_config": ""}) == ([], [])


def test_what_ssh_refuses_is_told() -> None:
    assert made({CONFIG: "Host *\n  Nonsense yes\n  Porrt 22\n"}) == (
        [],
        [
            f"box!{CONFIG}:2:3: ssh refuses it: Bad configuration option: nonsense",
            f"box!{CONFIG}:3:3: ssh refuses it: Bad configuration option: porrt",
        ],
    )


def test_what_cannot_be_read_is_unknown() -> None:
    (client,), _ = made({CONFIG: Unknown(CONFIG, "permission denied")})
    assert client.facts["macs"] == Unknown(CONFIG, "permission denied")
    assert client.facts["name"] == "box"


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("etc/ssh/ssh_config", "ssh"),
        ("files/ssh_config.d/10-site.conf", "ssh"),
        ("base.ssh_config", "ssh"),
        ("ssh_config-old", "ssh"),
        ("ssh_config.d", None),
        ("ssh_config.yaml", "yaml"),
        ("sshd_config", "sshd"),
        ("ssh_configuration", None),
    ],
)
def test_files_of_projects_by_name(path: str, wanted: str | None) -> None:
    assert format_of(path) == wanted


def test_a_tree_is_judged_with_what_it_includes(tmp_path: Path) -> None:
    tree = ROOT / "fixtures" / "ssh" / "workstation"
    select = "ssh-client-agent,ssh-client-macs,ssh-client-rekey-limit"
    ended = cli("check", str(tree), "--select", select, "--format", "text", cwd=tmp_path)
    told = [line.removeprefix(str(tree)) for line in ended.out.splitlines() if "ssh-client" in line]
    assert told == [
        "/etc/ssh/ssh_config:5:18: medium ssh-client-agent ssh_config lets its SSH client forward the agent"
    ]
    assert ended.code == 1


def of_project(directory: Path, files: dict[str, str], path: str) -> Resource:
    """What a file of a project comes to."""
    for name, text in files.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(text, encoding="utf-8")
    found = document(str(directory / path), (directory / path).read_bytes())
    reader = claimant(found)
    assert reader is not None
    [resource] = reader.read(found, Context(files=Files(str(directory))))
    return resource


INCLUDING = (
    "HashKnownHosts yes\nInclude /etc/ssh/ssh_config.d/*.conf\nStrictHostKeyChecking yes\nHost a\n  ForwardAgent yes\n"
)


def test_what_files_that_were_not_given_may_set_first_is_unknown(tmp_path: Path) -> None:
    found = of_project(tmp_path, {"ssh_config": INCLUDING}, "ssh_config").facts
    unread = Unknown(
        "/etc/ssh/ssh_config.d",
        f"{tmp_path}/ssh_config was given without the files of /etc/ssh/ssh_config.d that it includes",
        "check the directory, the image or the host that has /etc/ssh/ssh_config.d",
    )
    assert found["hash_known_hosts"] is True
    assert (found["strict_host_key_checking"], found["forward_agent"], found["ciphers"]) == (unread, unread, unread)
    assert isinstance(found["blocks"], OpenList)
    assert (found["blocks"], found["blocks"].unknown) == ([{"condition": "Host a", "forward_agent": unread}], unread)
    assert isinstance(found["settings"], OpenList)
    assert len(found["settings"]) == 3
    assert isinstance(found["includes"], OpenList)


def test_what_a_block_includes_says_nothing_of_all_others(tmp_path: Path) -> None:
    text = "Host a\n  ForwardAgent no\n  Include ssh_config.d/a\n  ForwardX11 yes\n"
    found = of_project(tmp_path, {"ssh_config": text}, "ssh_config").facts
    assert (found["forward_agent"], found["forward_x11"]) == ("no", False)
    assert isinstance(found["blocks"], OpenList)


@pytest.mark.parametrize("files", [{"ssh_config.d/README": ""}, {"etc/ssh/x": ""}])
def test_what_is_not_in_a_directory_that_is_there_is_not_there(files: dict[str, str], tmp_path: Path) -> None:
    path = "etc/ssh/ssh_config" if "etc/ssh/x" in files else "ssh_config"
    found = of_project(tmp_path, {path: INCLUDING, **files}, path).facts
    assert (found["strict_host_key_checking"], found["forward_agent"]) == ("yes", "no")
    assert not isinstance(found["settings"], OpenList)


def test_a_part_does_not_say_what_is_not_in_it(tmp_path: Path) -> None:
    part = tmp_path / "ssh_config.d" / "x.conf"
    part.parent.mkdir()
    part.write_text("MACs hmac-sha2-256\n", encoding="utf-8")
    ended = cli("check", str(part), "--select", "ssh-client-agent,ssh-client-macs", "--format", "text", cwd=tmp_path)
    assert "ssh-client-macs" not in ended.out
    assert "is a part of a configuration that may set it elsewhere" in ended.out
    assert ended.code == 0


def test_mistakes_are_problems_with_their_places(tmp_path: Path) -> None:
    file = ROOT / "fixtures" / "ssh" / "mistakes" / "ssh_config"
    ended = cli("check", str(file), cwd=tmp_path)
    assert ended.code == 2
    assert "mistakes/ssh_config:2:3: error ssh refuses it: Bad configuration option: porrt" in ended.out + ended.err
    assert 'mistakes/ssh_config:3:3: error ssh refuses it: unsupported option "maybe".' in ended.out + ended.err
