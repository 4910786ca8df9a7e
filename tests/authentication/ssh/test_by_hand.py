"""ssh_config(5): which value counts for which destination, what blocks change, what ssh refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policyengine.authentication.files import Entry, Given, Placed
from policyengine.authentication.ssh.destination import Destination
from policyengine.authentication.ssh.effective import CONFIG, Configuration, Refusal, asked, read
from policyengine.authentication.sshd.build import Build
from policyengine.authentication.sshd.versions import Version
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from policyengine.authentication.files import Something

D = "/etc/ssh/ssh_config.d"


def configuration(text: str, **more: Something) -> Configuration:
    found = read(Given({CONFIG: text, **{f"{D}/{name}.conf": one for name, one in more.items()}}))
    assert isinstance(found, Configuration), found
    return found


def changed(found: Configuration) -> list[tuple[str, dict[str, str]]]:
    """What the blocks change."""
    told = []
    for block in found.blocks():
        assert not isinstance(block.changes, Unknown)
        told.append((block.condition, {name: one.text for name, one in block.changes.items()}))
    return told


def value(text: str, option: str, host: str = "web.example.org", user: str = "alice") -> str:
    found = asked(Given({CONFIG: text}), Destination(host, user, user))
    assert isinstance(found, dict), found
    return found[option].text


@pytest.mark.parametrize(
    ("text", "host", "wanted"),
    [
        ("ForwardAgent yes\nForwardAgent no\n", "web", "yes"),
        ("Host web\nForwardAgent yes\nHost *\nForwardAgent no\n", "web", "yes"),
        ("Host web\nForwardAgent yes\nHost *\nForwardAgent no\n", "db", "no"),
        ("Host * !web\nForwardAgent yes\n", "web", "no"),
        ("Host w?b\nForwardAgent yes\n", "web", "yes"),
        ("Host *.org\n  HostName db\nMatch host db\n  ForwardAgent yes\n", "a.org", "yes"),
        ("Host *.org\n  HostName db\nMatch originalhost db\n  ForwardAgent yes\n", "a.org", "no"),
        ("Host *.org\n  HostName %h.net\nMatch host a.org.net\n  ForwardAgent yes\n", "a.org", "yes"),
        ("Match user alice\nForwardAgent yes\n", "web", "yes"),
        ("User bob\nMatch user alice\nForwardAgent yes\n", "web", "no"),
        ("Match !user bob\nForwardAgent yes\n", "web", "yes"),
        ("Match host web user bob\nForwardAgent yes\n", "web", "no"),
        ("Match final\nForwardAgent yes\n", "web", "yes"),
        ("Match final\nForwardAgent yes\nMatch all\nForwardAgent no\n", "web", "no"),
        ("Match canonical\nForwardAgent yes\n", "web", "no"),
        ("CanonicalizeHostname yes\nMatch canonical\nForwardAgent yes\n", "web", "yes"),
        ("Match exec true\nForwardAgent yes\n", "web", "no"),
        ("ForwardAgent = /run/agent\n", "web", "/run/agent"),
    ],
)
def test_what_counts(text: str, host: str, wanted: str) -> None:
    assert value(text, "forwardagent", host) == wanted


@pytest.mark.parametrize(
    ("text", "option", "wanted"),
    [
        ("", "stricthostkeychecking", "ask"),
        ("StrictHostKeyChecking off\n", "stricthostkeychecking", "no"),
        ("RekeyLimit 512M 1h\n", "rekeylimit", "536870912"),
        ("RekeyLimit 512M 1h\n", "rekeyinterval", "3600"),
        ("RekeyLimit 512M\nRekeyLimit 1G 1h\n", "rekeyinterval", "3600"),
        ("SendEnv A B\nSendEnv C\nSendEnv -B\n", "sendenv", "A C"),
        ("IdentityFile ~/a\nIdentityFile ~/b\nIdentityFile ~/a\n", "identityfile", "~/a ~/b"),
        ("MACs -hmac-*,umac-64*\n", "macs", "umac-128-etm@openssh.com umac-128@openssh.com".replace(" ", ",")),
        ("BatchMode yes\n", "serveraliveinterval", "300"),
        ("VerifyHostKeyDNS yes\n", "updatehostkeys", "no"),
        ("IgnoreUnknown usekey*\nUseKeychain yes\nBatchMode yes\n", "batchmode", "yes"),
        ("Protocol 2\nRSAAuthentication no\nCompression yes\n", "compression", "yes"),
        ("AddKeysToAgent confirm 5m\n", "addkeystoagent", "confirm 300"),
    ],
)
def test_values(text: str, option: str, wanted: str) -> None:
    assert value(text, option) == wanted


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Nonsense yes\n", "1: Bad configuration option: nonsense"),
        ("\nForwardX11 maybe\n", '2: unsupported option "maybe".'),
        ("Host *\n  MACs blah\n", "2: Bad SSH2 mac spec 'blah'."),
        ("Host db\n  MACs blah\n", "2: Bad SSH2 mac spec 'blah'."),
        ("BatchMode yes no\n", "1: keyword batchmode extra arguments at end of line"),
        ("Match\n", '1: no argument after keyword "Match"'),
        ("Match nonsense x\n", "1: Bad Match condition: Unsupported Match attribute nonsense"),
        ("Include ~/x\n", "1: bad include path ~/x."),
        ("Include ssh_config\n", "None: Too many recursive configuration includes"),
        ("ConnectionAttempts 0\n", "1: Invalid number of ConnectionAttempts"),
    ],
)
def test_refused(text: str, problem: str) -> None:
    found = read(Given({CONFIG: text}))
    assert isinstance(found, Refusal)
    told = found.problems[-1]
    assert f"{told.where.line}: {told.message}" == problem


@pytest.mark.parametrize("placed", [Placed("", 0o664), Placed("", 0o646), Placed("", 0o644, uid=1000)])
def test_a_file_that_others_may_write_to_is_not_included(placed: Placed) -> None:
    found = read(Given({CONFIG: f"Include {D}/*.conf\n", f"{D}/a.conf": placed}))
    assert isinstance(found, Refusal)
    assert found.problems[0].message == f"Bad owner or permissions on {D}/a.conf"


def test_blocks_tell_what_they_change() -> None:
    text = "Host bastion\n  ForwardAgent yes\n  BatchMode no\nHost !web *\n  BatchMode yes\nHost db*\n  BatchMode no\n"
    found = configuration(text)
    assert found.options["batchmode"].text == "yes"
    assert changed(found) == [
        ("Host bastion", {"forwardagent": "yes", "batchmode": "no"}),
        ("Host db*", {}),
    ]


def test_a_block_in_an_included_file_holds_with_that_which_includes_it() -> None:
    found = configuration("Host a*\n  Include ssh_config.d/x.conf\nHost *\n", x="Host *b\n  ForwardX11 yes\n")
    assert changed(found) == [("Host a*", {}), ("Host *b", {"forwardx11": "yes"})]


def test_what_is_included_in_a_block_for_some_is_for_them() -> None:
    found = configuration(
        "Host a*\n  Include ssh_config.d/x.conf\nHost *\n", x="ForwardX11 yes\nHost *\nBatchMode yes\n"
    )
    assert changed(found) == [("Host a*", {"forwardx11": "yes", "batchmode": "yes"})]
    assert [(one.option, one.condition) for one in found.lines] == [("forwardx11", "Host a*"), ("batchmode", "Host a*")]


def test_lines_that_another_overrules() -> None:
    found = configuration(f"Include {D}/*.conf\nRekeyLimit 2G 1h\nBatchMode no\n", a="RekeyLimit 1G 1h\nBatchMode no\n")
    assert [(one.value, one.overruled) for one in found.lines] == [
        ("1G 1h", False),
        ("no", False),
        ("2G 1h", True),
        ("no", False),
    ]
    assert [*found.includes] == [f"{D}/*.conf"]


def test_what_cannot_be_read_is_unknown() -> None:
    found = read(Given({CONFIG: f"Include {D}/*.conf\n", D: Unknown(D, "a tmpfs")}))
    assert isinstance(found, Unknown)
    assert "a tmpfs" in found.why


def test_an_include_of_nothing_and_a_dangling_link_are_fine() -> None:
    link = Entry("symlink", 0o777, 0, 0, target="/nowhere")
    found = configuration(f"Include nothing/* {D}/*.conf\nBatchMode yes\n", a=link)
    assert found.options["batchmode"].text == "yes"


def test_defaults_are_those_of_the_build() -> None:
    old = read(Given({CONFIG: ""}), Build(Version(8, 4), "upstream"))
    assert isinstance(old, Configuration)
    told = {name: old.options[name].text for name in ("forwardx11trusted", "checkhostip", "updatehostkeys")}
    assert told == {"forwardx11trusted": "no", "checkhostip": "yes", "updatehostkeys": "no"}
