"""What random configurations meet too seldom: includes without end, Match lines that are nested, refusals, defaults.

Each answer was taken from the real ``sshd -T -C``, and is asked of it again where there is one.
"""

from __future__ import annotations

import pytest

from policyengine.authentication.sshd.build import Build
from policyengine.authentication.sshd.effective import Configuration, Refusal, read
from policyengine.authentication.sshd.identity import Identity
from policyengine.authentication.sshd.versions import Version, parsed
from policyengine.model.unknown import Unknown
from tests.authentication.sshd.comparing import differences, given, ours
from tests.authentication.sshd.laboratory import Laboratory, version
from tests.authentication.sshd.random_configurations import MAIN, Case
from tests.once import ONCE

BOB = "user=bob,host=web.example.com,addr=10.1.2.3,laddr=10.0.0.1,lport=22"
D = "/etc/ssh/sshd_config.d"


def refuses(files: dict[str, str]) -> str:
    """Why a configuration is refused."""
    [answer] = ours(Case(files, (BOB,)), Build())
    assert answer.options is None
    return answer.error


def value(files: dict[str, str], name: str) -> tuple[str, ...] | None:
    """An option's lines for bob."""
    [answer] = ours(Case(files, (BOB,)), Build())
    assert answer.options is not None, answer.error
    return answer.options.get(name)


VALUES: list[tuple[dict[str, str], str, tuple[str, ...] | None]] = [
    ({MAIN: "MaxStartups 5\nMaxStartups 10:30:60\n"}, "maxstartups", ("10:30:60",)),
    ({MAIN: "MaxStartups 10:50:60\nMaxStartups 7\n"}, "maxstartups", ("7:50:7",)),
    ({MAIN: "FingerprintHash md5\nFingerprintHash sha512\n"}, "fingerprinthash", ("SHA512",)),
    ({MAIN: "PermitRootLogin no\nMatch all\nPermitRootLogin yes\n"}, "permitrootlogin", ("yes",)),
    ({MAIN: "Match all\nPort 2222\n"}, "port", ("2222",)),
    ({MAIN: "AllowUsers a\nMatch User bob\nAllowUsers b c\n"}, "allowusers", ("b", "c")),
    ({MAIN: "VersionAddendum a # b\n"}, "versionaddendum", ("a # b",)),
    ({MAIN: "ForceCommand  echo 'a' # b\n"}, "forcecommand", ("echo 'a' # b",)),
    ({MAIN: 'Banner "/etc/a b"\n'}, "banner", ("/etc/a b",)),
    ({MAIN: "Banner issue\n"}, "banner", ("//issue",)),
    ({MAIN: "Permit\0x\nRootLogin no\n"}, "permitrootlogin", ("no",)),
    ({MAIN: "\ufeffPermitRootLogin no\n".replace("\ufeff", " \t")}, "permitrootlogin", ("no",)),
    (
        {MAIN: "AuthorizedPrincipalsCommandUser x\nAuthorizedPrincipalsCommand /a\nAuthorizedPrincipalsCommand /b\n"},
        "authorizedprincipalscommand",
        ("/b",),
    ),
    ({MAIN: "Match User bob\nAuthenticationMethods publickey\n"}, "authenticationmethods", ("publickey",)),
    (
        {MAIN: f"Include {D}/*.conf\nX11Forwarding no\n", f"{D}/a.conf": "Match User bob\nX11Forwarding yes\n"},
        "x11forwarding",
        ("yes",),
    ),
    ({MAIN: f"Match User bob\nInclude {D}/*.conf\n", f"{D}/a.conf": "X11Forwarding yes\n"}, "x11forwarding", ("yes",)),
    (
        {MAIN: f"Match User eve\nInclude {D}/*.conf\n", f"{D}/a.conf": "Match User bob\nX11Forwarding yes\n"},
        "x11forwarding",
        ("no",),
    ),
    ({MAIN: f"Include {D}/*.conf {D}/a.conf\n", f"{D}/a.conf": "AcceptEnv A\n"}, "acceptenv", ("A", "A")),
    ({MAIN: f"Include {D}\nUsePAM yes\n", f"{D}/a.conf": "UsePAM no\n"}, "usepam", ("yes",)),
    ({MAIN: "Include sub.conf\n", "/etc/ssh/sub.conf": "UsePAM yes\n"}, "usepam", ("yes",)),
    ({MAIN: "ListenAddress 10.0.0.1\nPort 1\nPort 2\n"}, "listenaddress", ("10.0.0.1:1", "10.0.0.1:2")),
    ({MAIN: "Match LocalPort ssh Address 10.0.0.0/8,!10.1.2.3\nX11Forwarding yes\n"}, "x11forwarding", ("no",)),
    ({MAIN: "Match Host *.EXAMPLE.com\nX11Forwarding yes\n"}, "x11forwarding", ("yes",)),
    ({MAIN: "Match Group staff,!users\nX11Forwarding yes\n"}, "x11forwarding", ("no",)),
]

REFUSED: list[tuple[dict[str, str], str]] = [
    (
        {MAIN: "AuthenticationMethods publickey\nMatch User eve\nAuthenticationMethods any\n"},
        '"any" must appear alone in AuthenticationMethods',
    ),
    ({MAIN: f"Include {MAIN}\n"}, "Too many recursive configuration includes"),
    ({MAIN: f"Include {D}/*\n", f"{D}/a": f"Include {D}/*\n"}, "Too many recursive configuration includes"),
    ({MAIN: f"Include {D}/*\n", f"{D}/a": "-> gone\n"[:-1]}, f"{D}/a: No such file or directory"),
    ({MAIN: "Match\n"}, 'no argument after keyword "Match"'),
    ({MAIN: "Match #\n"}, "Bad Match condition: One or more attributes required for Match"),
    ({MAIN: "Match User\n"}, "Bad Match condition: Missing Match criteria for User"),
    ({MAIN: "Match all User bob\n"}, "Bad Match condition: 'all' cannot be combined with other Match attributes"),
    ({MAIN: "Match Address 10.0.0.1/8\n"}, "Invalid Match address argument '10.0.0.1/8'"),
    ({MAIN: "Match User bob\nCiphers aes128-ctr\n"}, "Directive 'Ciphers' is not allowed within a Match block"),
    ({MAIN: "Subsystem sftp a\nSubsystem sftp b\n"}, "Subsystem 'sftp' already defined."),
    ({MAIN: "AddressFamily inet\nListenAddress ::1\n"}, "bad addr or host: ::1"),
    ({MAIN: "UsePAM yes no\n"}, "keyword UsePAM extra arguments at end of line"),
    ({MAIN: "AllowUsers a@10.0.0.1/8\n"}, 'invalid AllowUsers pattern: "a@10.0.0.1/8"'),
    ({MAIN: "RDomain none\n"}, "setting RDomain not supported on this platform."),
    ({MAIN: "AuthorizedKeysCommand /x\n"}, "AuthorizedKeysCommand set without AuthorizedKeysCommandUser"),
    (
        {MAIN: "PasswordAuthentication no\nAuthenticationMethods password\n"},
        "AuthenticationMethods cannot be satisfied by enabled authentication methods",
    ),
    ({MAIN: "PubkeyAcceptedAlgorithms !ssh-rsa\n"}, "no algorithm is left of pubkeyacceptedalgorithms !ssh-rsa"),
]


@pytest.mark.parametrize(("files", "name", "expected"), VALUES)
def test_values(files: dict[str, str], name: str, expected: tuple[str, ...] | None) -> None:
    assert value(files, name) == expected


@pytest.mark.parametrize(("files", "expected"), REFUSED)
def test_refusals(files: dict[str, str], expected: str) -> None:
    assert refuses(files) == expected


@ONCE
@pytest.mark.usefixtures("real_sshd")
@pytest.mark.skipif(version() != Build().version, reason="the answers are those of OpenSSH 9.2")
def test_sshd_says_the_same() -> None:
    with Laboratory() as laboratory:
        for files in [*(one[0] for one in VALUES), *(one[0] for one in REFUSED)]:
            case = Case(files, (BOB,))
            assert differences(case, laboratory.asked(files, case.connections), Build()) == []


def test_files_that_include_each_other_end_soon() -> None:
    """Each of them is included by each: 16 levels deep that is more often than anybody waits for."""
    files = {f"{D}/{name}": "Include c/*\n" for name in "abcdefgh"} | {
        f"/etc/ssh/c/{name}": f"Include {D}/*\n" for name in "abcdefgh"
    }
    assert "Too many recursive" in refuses({MAIN: f"Include {D}/*\n", **files})


def test_groups_that_are_not_known_leave_it_open() -> None:
    root = given({MAIN: "Match Group wheel\nX11Forwarding yes\n"})
    found = read(root)
    assert isinstance(found, Configuration)
    options = found.of(Identity(user="alice"))
    assert isinstance(options, dict)
    assert options["x11forwarding"].text == "yes"
    without = read(type(root)({MAIN: "Match Group wheel\nX11Forwarding yes\n"}))
    assert isinstance(without, Configuration)
    assert without.of(Identity(user="alice")) == Unknown("groups", "the groups of the user alice are not known")


@pytest.mark.parametrize(
    ("build", "option", "expected"),
    [
        (Build(Version(7, 4), "upstream"), "include", None),
        (Build(Version(7, 4), "upstream"), "ipqos", "lowdelay throughput"),
        (Build(Version(9, 0), "upstream"), "ipqos", "af21 cs1"),
        (Build(Version(9, 0), "upstream"), "requiredrsasize", None),
        (Build(Version(9, 0), "upstream"), "gssapikexalgorithms", None),
        (Build(), "requiredrsasize", "1024"),
        (Build(), "ipqos", "lowdelay throughput"),
        (Build(Version(10, 0)), "ipqos", "ef cs1"),
        (
            Build(Version(10, 0)),
            "ciphers",
            "chacha20-poly1305@openssh.com,aes128-gcm@openssh.com,aes256-gcm@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr",
        ),
        (
            Build(Version(10, 0)),
            "kexalgorithms",
            "mlkem768x25519-sha256,sntrup761x25519-sha512,sntrup761x25519-sha512@openssh.com,curve25519-sha256,"
            "curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521",
        ),
    ],
)
def test_defaults_depend_on_the_build(build: Build, option: str, expected: str | None) -> None:
    found = read(given({MAIN: ""}), build=build)
    assert isinstance(found, Configuration)
    options = found.of(Identity())
    assert isinstance(options, dict)
    assert (options[option].text if option in options else None) == expected


def test_what_a_build_was_not_built_for_does_nothing() -> None:
    text = "UsePAM yes\nGSSAPIAuthentication yes\nKerberosAuthentication yes\nMatch all\nGSSAPIAuthentication yes\n"
    found = read(given({MAIN: text}), build=Build(vendor="upstream"))
    assert isinstance(found, Configuration)
    options = found.of(Identity())
    assert isinstance(options, dict)
    assert [name for name in options if name.startswith(("usepam", "gssapi", "kerberos"))] == []


def test_an_older_one_refuses_what_it_does_not_know() -> None:
    found = read(given({MAIN: "Include x\n"}), build=Build(Version(7, 9)))
    assert isinstance(found, Refusal)
    assert [problem.message for problem in found.problems] == ["Bad configuration option: Include"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("OpenSSH_9.2p1 Debian-2+deb12u10, OpenSSL 3.0.20", Version(9, 2)),
        ("1:10.0p1-7", Version(10, 0)),
        ("8.4", Version(8, 4)),
        ("unknown", None),
    ],
)
def test_versions_are_read(text: str, expected: Version | None) -> None:
    assert parsed(text) == expected
