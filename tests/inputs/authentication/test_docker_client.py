"""The docker clients of a root's users."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from policyengine.authentication.files import DIRECTORY, Placed
from policyengine.inputs.authentication import docker_client
from policyengine.model.unknown import Unknown
from tests.inputs.authentication.reading import read
from tests.judging import shown_line

if TYPE_CHECKING:
    from policyengine.authentication.files import Something
    from policyengine.model.resource import Resource

CONFIG = "/root/.docker/config.json"
PASSWORD = "Y2k6Y29ycmVjdC1ob3JzZQ=="


def clients(files: dict[str, Something]) -> list[Resource]:
    """The clients of a root."""
    found, refused = read(docker_client, files)
    assert not refused
    return found


def client(files: dict[str, Something]) -> Resource:
    """The one client of a root."""
    (found,) = clients(files)
    return found


def test_a_configuration() -> None:
    text = json.dumps(
        {
            "auths": {
                "a.example": {},
                "b.example": {"auth": PASSWORD},
                "c.example": {"identitytoken": "correct-horse"},
                "d.example": {"auth": ""},
            },
            "credsStore": "pass",
            "credHelpers": {"e.example": "ecr-login"},
            "HttpHeaders": {"X-Token": "correct-horse"},
            "proxies": {"default": {"httpProxy": "http://ci:correct-horse@proxy"}},
            "currentContext": "prod",
        },
        indent=1,
    )
    resource = client({CONFIG: Placed(text, 0o640)})
    assert resource.facts == {
        "name": "web",
        "home": "/root",
        "mode": "0640",
        "credentials_store": "pass",
        "credential_helpers": {"e.example": "ecr-login"},
        "plain_credentials": ["b.example", "c.example"],
        "http_headers": ["X-Token"],
        "proxies": {"default.httpProxy": "http://ci:correct-horse@proxy"},
        "current_context": "prod",
        "host": "unix:///var/run/docker.sock",
        "tls_verify": False,
        "content_trust": False,
    }
    assert str(resource.where(("plain_credentials", 0))) == f"{CONFIG}:4:3"
    shown = [shown_line(resource, resource.where(())._replace(path=CONFIG, line=number)) for number in range(1, 28)]
    assert PASSWORD not in str(shown)
    assert "correct-horse" not in str(shown)
    assert shown[4] == '   "auth": ****'


def test_keys_are_those_of_fields_in_any_case_of_letters_as_docker_reads_them() -> None:
    text = f"""{{
 "AUTHS": {{"b.example": {{"Auth": "{PASSWORD}"}}}},
 "auths": {{"a.example": {{}}}},
 "CredsStore": "pass",
 "httpheaders": {{"X-Token": "correct-horse"}},
 "Proxies": {{"default": {{"httpProxy": "http://proxy"}}}},
 "CURRENTCONTEXT": "prod"
}}
"""
    resource = client({CONFIG: text})
    fields = ("plain_credentials", "credentials_store", "http_headers", "proxies", "current_context")
    assert {field: resource.facts[field] for field in fields} == {
        "plain_credentials": ["b.example"],
        "credentials_store": "pass",
        "http_headers": ["X-Token"],
        "proxies": {"default.httpProxy": "http://proxy"},
        "current_context": "prod",
    }
    assert str(resource.where(("plain_credentials", 0))) == f"{CONFIG}:2:12"
    shown = [shown_line(resource, resource.where(())._replace(path=CONFIG, line=number)) for number in range(1, 9)]
    assert PASSWORD not in str(shown)
    assert "correct-horse" not in str(shown)
    assert shown[3] == ' "CredsStore": "pass",'


def test_what_stands_below_a_key_that_is_there_twice_adds_up() -> None:
    text = f'{{"auths": {{"a.example": {{"auth": "{PASSWORD}"}}}}, "auths": {{"b.example": {{}}}}}}'
    assert client({CONFIG: text}).facts["plain_credentials"] == ["a.example"]


def test_a_context_in_other_letters() -> None:
    meta = '{"name": "n", "endpoints": {"docker": {"host": "tcp://h:2375", "skipTLSVerify": true}}}'
    assert client({"/root/.docker/contexts/meta/a/meta.json": meta}).facts["contexts"] == [
        {"name": "n", "host": "tcp://h:2375", "tls": False, "skip_tls_verify": True}
    ]


def test_contexts() -> None:
    def meta(host: str, **more: object) -> str:
        return json.dumps({"Name": host[:3], "Endpoints": {"docker": {"Host": host, **more}}})

    resource = client(
        {
            "/root/.docker/contexts/meta/a/meta.json": meta("tcp://h:2375"),
            "/root/.docker/contexts/meta/b/meta.json": meta("ssh://h", SkipTLSVerify=True),
            "/root/.docker/contexts/meta/c/meta.json": meta("tcp://i:2376"),
            "/root/.docker/contexts/tls/c/docker/ca.pem": "",
            "/root/.docker/contexts/meta/d/meta.json": "{",
        }
    )
    assert resource.facts["contexts"] == [
        {"name": "tcp", "host": "tcp://h:2375", "tls": False, "skip_tls_verify": False},
        {"name": "ssh", "host": "ssh://h", "tls": False, "skip_tls_verify": True},
        {"name": "tcp", "host": "tcp://i:2376", "tls": True, "skip_tls_verify": False},
    ]


def test_a_context_that_cannot_be_read_leaves_them_unknown() -> None:
    why = Unknown("host.files", "it may not be read")
    assert client({"/root/.docker/contexts/meta/a/meta.json": why}).facts["contexts"] == why


@pytest.mark.parametrize("path", ["/etc/profile", "/etc/profile.d", "/root/.bashrc"])
def test_variables_are_unknown_where_a_file_that_sets_them_cannot_be_read(path: str) -> None:
    why = Unknown("host.files", "it may not be read")
    facts = client({"/root/.docker/config.json": "{}", "/etc/environment": "DOCKER_HOST=tcp://h:1\n", path: why}).facts
    assert [facts[field] for field in ("host", "tls_verify", "content_trust")] == [why, why, why]


@pytest.mark.parametrize(
    ("files", "host", "verify", "trust"),
    [
        ({"/etc/environment": 'DOCKER_HOST="tcp://h:1"\nDOCKER_TLS_VERIFY=\n'}, "tcp://h:1", False, False),
        ({"/etc/profile.d/d.sh": "export DOCKER_CONTENT_TRUST=1; x\n"}, "unix:///var/run/docker.sock", False, True),
        (
            {"/etc/profile": "DOCKER_CONTENT_TRUST=1\n", "/root/.bashrc": "  export DOCKER_CONTENT_TRUST=0 # no\n"},
            "unix:///var/run/docker.sock",
            False,
            False,
        ),
        (
            {"/root/.profile": "#DOCKER_HOST=tcp://h:1\nDOCKER_TLS_VERIFY=0\n"},
            "unix:///var/run/docker.sock",
            True,
            False,
        ),
    ],
)
def test_variables(files: dict[str, Something], host: str, verify: bool, trust: bool) -> None:
    facts = client({CONFIG: "{}", **files}).facts
    assert (facts["host"], facts["tls_verify"], facts["content_trust"]) == (host, verify, trust)


def test_one_client_for_each_user_who_has_a_configuration() -> None:
    passwd = "root:x:0:0::/root:/bin/sh\nci:x:1:1::/srv/ci:/bin/sh\nd:x:2:2::/usr/sbin:/bin/sh\n"
    found = clients(
        {
            "/etc/passwd": passwd,
            "/srv/ci/.docker/config.json": "{}",
            "/home/bob/.docker/config.json": "{}",
            "/usr/sbin/.docker/config.json": "{}",
            "/home/carol": DIRECTORY,
        }
    )
    assert [resource.facts["home"] for resource in found] == ["/srv/ci", "/home/bob"]


def test_a_root_that_only_has_the_program() -> None:
    assert [one.facts["home"] for one in clients({"/usr/bin/docker": ""})] == ["/root"]
    assert clients({"/bin/sh": ""}) == []


def test_what_docker_does_not_read_is_told() -> None:
    assert read(docker_client, {CONFIG: '{"auths": []}'}) == (
        [],
        [f"{CONFIG}:1:11: docker refuses it: auths should be an object"],
    )


def test_what_cannot_be_read_is_unknown() -> None:
    unread = Unknown(CONFIG, "not readable")
    facts = client({CONFIG: unread}).facts
    assert facts["plain_credentials"] == unread
    assert facts["credentials_store"] == unread
    assert facts["mode"] == unread
