from __future__ import annotations

import pytest

from policyengine.images.tls import TOOLS, by_calls, by_variable

from .calls import calls

OFF: list[tuple[str, list[tuple[str, str, int | None]]]] = [
    ("curl -fsSLk https://example.com/a", [("curl", "-k", 0)]),
    ("curl --insecure https://example.com/a", [("curl", "--insecure", 0)]),
    ("curl -o k -H k https://example.com/k", []),
    ("curl -k https://localhost:8443/ http://127.0.0.1/", []),
    ("wget -q --no-check-certificate https://example.com/a", [("wget", "--no-check-certificate", 1)]),
    ("wget -e check_certificate=off https://example.com/a", [("wget", "-e", 0)]),
    ("wget https://example.com/a | grep -- --no-check-certificate", []),
    ("pip install --trusted-host example.com a", [("pip", "--trusted-host", 1)]),
    ("python -m pip install --trusted-host=example.com a", [("pip", "--trusted-host", 3)]),
    ("pip install --trusted-host localhost a", []),
    ("pip config set global.trusted-host 'localhost example.com'", [("pip", "trusted-host", 2)]),
    ("uv pip install --allow-insecure-host example.com a", [("pip", "--allow-insecure-host", 2)]),
    ("conda config --set ssl_verify false", [("pip", "ssl_verify", 2)]),
    ("conda config --set ssl_verify true", []),
    ("export PYTHONHTTPSVERIFY=0", [("pip", "PYTHONHTTPSVERIFY", 0)]),
    ("npm config set strict-ssl false -g", [("node", "strict-ssl", 2)]),
    ("npm c set strict-ssl=false", [("node", "strict-ssl", 2)]),
    ("yarn set 'strict-ssl' false", [("node", "strict-ssl", 1)]),
    ("npm install --strict-ssl=false", [("node", "--strict-ssl", 1)]),
    ("npm config set strict-ssl true || false", []),
    ("npm install strict-ssl false", []),
    ("npm config get strict-ssl", []),
    ("NODE_TLS_REJECT_UNAUTHORIZED=0 npm ci", [("node", "NODE_TLS_REJECT_UNAUTHORIZED", None)]),
    ("sudo GIT_SSL_NO_VERIFY=0 git clone a", [("git", "GIT_SSL_NO_VERIFY", None)]),
    ("A=1 GIT_SSL_NO_VERIFY=1 nice git clone a", [("git", "GIT_SSL_NO_VERIFY", None)]),
    ("unset GIT_SSL_NO_VERIFY", []),
    ("git config --global http.sslVerify false", [("git", "http.sslVerify", 2)]),
    ("git -c http.https://example.com/.sslverify=false clone a", [("git", "http.sslVerify", 1)]),
    ("git config http.sslVerify true", []),
    ("yum-config-manager --save --setopt=\\*.sslverify=0", [("yum", "sslverify", 1)]),
    ("dnf config-manager --setopt=sslverify='No' --save", [("yum", "sslverify", 1)]),
    ("yum --setopt=sslverify=1 install a", []),
    ("yum --setopt=install_weak_deps=False install a", []),
]


@pytest.mark.parametrize(("script", "found"), OFF)
def test_what_turns_the_verification_off(script: str, found: list[tuple[str, str, int | None]]) -> None:
    assert [(off.tool, off.how, off.arg) for _, off in by_calls(calls(script), {})] == found


VARIABLES = [
    ("GIT_SSL_NO_VERIFY", "0", "git"),
    ("GIT_SSL_NO_VERIFY", None, "git"),
    ("NODE_TLS_REJECT_UNAUTHORIZED", "0", "node"),
    ("NODE_TLS_REJECT_UNAUTHORIZED", "1", None),
    ("NODE_TLS_REJECT_UNAUTHORIZED", None, None),
    ("npm_config_strict_ssl", "false", "node"),
    ("NPM_CONFIG_STRICT_SSL", "true", None),
    ("git_ssl_no_verify", "1", None),
    ("PIP_TRUSTED_HOST", "example.com", "pip"),
    ("PIP_TRUSTED_HOST", "localhost", None),
    ("PATH", "0", None),
]


@pytest.mark.parametrize(("name", "value", "tool"), VARIABLES)
def test_variables(name: str, value: str | None, tool: str | None) -> None:
    found = by_variable(name, value)
    assert (found and found.tool) == tool


def test_every_tool_is_named() -> None:
    assert {tool for _, found in OFF for tool, _, _ in found} == set(TOOLS)
