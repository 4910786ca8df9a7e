from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyengine.inputs.normal import address, capability, host_path


@pytest.mark.parametrize(
    ("written", "expected"),
    [("net_admin", "NET_ADMIN"), ("CAP_NET_ADMIN", "NET_ADMIN"), ("cap_all", "ALL"), ("Sys_Admin", "SYS_ADMIN")],
)
def test_capability(written: str, expected: str) -> None:
    assert capability(written) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("/", "/"),
        ("//", "/"),
        ("/..", "/"),
        ("/var/run/docker.sock", "/var/run/docker.sock"),
        ("/var//run/docker.sock", "/var/run/docker.sock"),
        ("//run/docker.sock", "/run/docker.sock"),
        ("/var/./run/docker.sock", "/var/run/docker.sock"),
        ("/./run/docker.sock/", "/run/docker.sock"),
        ("/var/run/../run/docker.sock", "/var/run/docker.sock"),
        ("./a//b/", "./a//b/"),
        ("../a", "../a"),
        ("~/a", "~/a"),
        ("data", "data"),
        ("", ""),
        ("C:\\a\\.\\b", "C:\\a\\.\\b"),
        ("c:/a/./b", "c:/a/./b"),
        ("\\\\.\\pipe\\docker_engine", "\\\\.\\pipe\\docker_engine"),
        ("//./pipe/docker_engine", "//./pipe/docker_engine"),
        ("//?/PIPE/docker_engine", "//?/PIPE/docker_engine"),
        ("//./run/docker.sock", "/run/docker.sock"),
        ("//./pipe/../run/docker.sock", "/run/docker.sock"),
        ("//./pipe/..", "/"),
    ],
)
def test_host_path(written: str, expected: str) -> None:
    assert host_path(written) == expected


@given(st.text("/.ab", min_size=1).map("/".__add__))
def test_an_absolute_path_has_one_spelling(path: str) -> None:
    found = host_path(path)
    assert host_path(found) == found
    assert found.startswith("/")
    assert found == "/" or {"", ".", ".."}.isdisjoint(found[1:].split("/"))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("::", "::"),
        ("[::]", "::"),
        ("[0:0:0:0:0:0:0:0]", "::"),
        ("0::0", "::"),
        ("0000::0000", "::"),
        ("::ffff:0.0.0.0", "0.0.0.0"),
        ("[::FFFF:7f00:1]", "127.0.0.1"),
        ("2001:DB8::0:1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1%eth0"),
        ("0", "0"),
        ("010.0.0.1", "010.0.0.1"),
        ("[::", "[::"),
        ("localhost", "localhost"),
        ("*", "*"),
        ("", ""),
    ],
)
def test_address(written: str, expected: str) -> None:
    assert address(written) == expected
