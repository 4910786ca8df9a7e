"""Kubeconfig files: what is told of them, and what never is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policyengine.documents.yaml import YamlDocument
from policyengine.inputs import kubernetes
from policyengine.inputs.context import Context
from policyengine.model.unknown import Unknown
from tests.running import cli

if TYPE_CHECKING:
    from pathlib import Path

    from policyengine.model.resource import Resource

SECRET = "s3cr3t-" + "0123456789abcdef" * 2

TEXT = f"""\
apiVersion: v1
kind: Config
current-context: shop
clusters:
  - name: shop
    cluster:
      server: https://shop.example.org
      certificate-authority-data: LS0t
  - name: old
    cluster: {{server: "http://old.example.org", insecure-skip-tls-verify: true}}
users:
  - name: jane
    user: {{password: {SECRET}, username: jane}}
  - name: robot
    user:
      token: {SECRET}
      client-key-data: {SECRET}
      client-certificate: robot.crt
  - name: joe
    user:
      exec: {{command: kubelogin, env: [{{name: A, value: {SECRET}}}]}}
  - name: ann
    user:
      auth-provider: {{name: oidc, config: {{refresh-token: {SECRET}}}}}
      tokenFile: /run/token
"""


def read(text: str) -> Resource:
    (found,) = kubernetes.read(YamlDocument("config", text), Context())
    return found


def of_user(**more: object) -> dict[str, object]:
    return {"password": False, "token": False, "client_certificate": False, "client_key": False, **more}


def test_what_is_told() -> None:
    found = read(TEXT)
    assert (found.kind, found.name, found.origin) == ("kubeconfig", "shop", "kubernetes")
    clusters, users = found.facts["clusters"], found.facts["users"]
    assert isinstance(clusters, list)
    assert isinstance(users, list)
    assert [{key: value for key, value in one.items() if value is not None} for one in clusters] == [
        {
            "name": "shop",
            "server": "https://shop.example.org",
            "insecure_skip_tls_verify": False,
            "certificate_authority": True,
        },
        {
            "name": "old",
            "server": "http://old.example.org",
            "insecure_skip_tls_verify": True,
            "certificate_authority": False,
        },
    ]
    assert [{key: value for key, value in one.items() if value is not None} for one in users] == [
        of_user(name="jane", password=True),
        of_user(name="robot", token=True, client_key=True, client_certificate=True),
        of_user(name="joe", command="kubelogin"),
        of_user(name="ann", auth_provider="oidc", token_file="/run/token"),
    ]
    lines = {("clusters", 1, "server"): 10, ("users", 0, "password"): 13, ("users", 1, "token"): 16}
    assert {path: found.where(path).line for path in lines} == lines
    assert found.provenance(("clusters", 0, "insecure_skip_tls_verify")).how == "default"


@pytest.mark.parametrize("form", ["full", "json", "text", "sarif"])
def test_no_credential_is_shown(form: str, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(TEXT)
    shown = cli("check", ".", "--select", "kubeconfig", "--format", form, "--all", cwd=tmp_path)
    assert "kubeconfig-password" in shown.out
    assert SECRET not in shown.out + shown.err


@pytest.mark.parametrize(
    ("value", "ours"),
    [
        ("clusters: []", True),
        ("users: [{name: a}]", True),
        ("contexts: [null, 1]", True),
        ("clusters: {}", False),
        ("settings: [a]", False),
    ],
)
def test_what_is_one(value: str, ours: bool) -> None:
    document = YamlDocument("config", f"apiVersion: v1\nkind: Config\n{value}\n")
    assert (kubernetes.claims(document) > 0) == ours


@pytest.mark.parametrize("junk", ["1", "a", "[1]", "{a: 1}", "null", "[{cluster: 1, user: [a]}]"])
def test_junk(junk: str) -> None:
    for key in ("clusters", "users"):
        assert read(f"apiVersion: v1\nkind: Config\ncontexts: []\n{key}: {junk}\n").kind == "kubeconfig"


def test_what_cannot_be_read_is_not_told_to_be_missing() -> None:
    found = read("apiVersion: v1\nkind: Config\nusers: [{name: a, user: '{{ user }}'}]\n").facts["users"]
    assert isinstance(found, list)
    assert isinstance(found[0]["password"], Unknown)
