"""The secrets of one file: what is one, and what only looks like one."""

from __future__ import annotations

import pytest

from policyengine.authentication.secrets.found import MOST_BYTES, secrets, worth_reading
from tests.authentication.secrets.forms import BODY, GITHUB, openssh, pem


def found(path: str, text: str | bytes) -> list[tuple[str, str, int | None, bool]]:
    """What is told of a file."""
    data = text.encode() if isinstance(text, str) else text
    return [(one.what, one.form, one.line, one.encrypted) for one in secrets(path, data)]


@pytest.mark.parametrize(
    ("text", "form", "line", "encrypted"),
    [
        (pem("RSA"), "RSA", 1, False),
        (f"# c\n\n{pem('EC')}", "EC", 3, False),
        (pem(""), "PKCS8", 1, False),
        (pem("ENCRYPTED"), "PKCS8", 1, True),
        (pem("RSA", head="Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0011\n\n"), "RSA", 1, True),
        (openssh("none"), "OPENSSH", 1, False),
        (openssh("aes256-ctr"), "OPENSSH", 1, True),
        ('{"type": "service_account",\n "private_key": "' + pem("").replace("\n", "\\n") + '"}', "PKCS8", 2, False),
        (pem("RSA").replace("\n", "\r\n"), "RSA", 1, False),
        ("PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: x\n", "PuTTY", 1, False),
        ("PuTTY-User-Key-File-2: ssh-rsa\r\nEncryption: aes256-cbc\r\n", "PuTTY", 1, True),
    ],
)
def test_private_keys(text: str, form: str, line: int, encrypted: bool) -> None:
    assert found("/srv/app/some.file", text) == [("private_key", form, line, encrypted)]


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN RSA PRIVATE KEY-----\n-----END RSA PRIVATE KEY-----\n",
        "-----BEGIN PRIVATE KEY-----\n<your key>\n-----END PRIVATE KEY-----\n",
        'if line.startswith("-----BEGIN RSA PRIVATE KEY-----"):\n    return key\n' + "x = 1\n" * 50,
        f"-----BEGIN PUBLIC KEY-----\n{BODY}\n-----END PUBLIC KEY-----\n",
        f"-----BEGIN CERTIFICATE-----\n{BODY}\n-----END CERTIFICATE-----\n",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGV4YW1wbGU me@host\n",
    ],
)
def test_what_only_speaks_of_keys(text: str) -> None:
    assert found("/root/.ssh/id_rsa", text) == []


def test_binary_keys() -> None:
    store = b"\x30\x82\x01\x00\x02\x01\x03\x30" + bytes(100)
    assert found("/app/server.p12", store) == [("private_key", "PKCS12", None, True)]
    assert found("/app/server.der", store) == []
    assert found("/app/server.pfx", b"MZ" + bytes(100)) == []
    grip = "/root/.gnupg/private-keys-v1.d/0A.key"
    assert found(grip, b"(11:private-key(3:rsa...") == [("private_key", "GnuPG", None, False)]
    assert found(grip, b"(21:protected-private-key(3:rsa...") == [("private_key", "GnuPG", None, True)]


@pytest.mark.parametrize(
    ("path", "program", "with_", "without"),
    [
        (
            "/root/.aws/credentials",
            "aws",
            "[a]\naws_secret_access_key = k3yOfTheAccount0123456789abcdefghijklmnop",
            "[a]\nregion = x",
        ),
        ("/root/.azure/accessTokens.json", "azure", '[{"accessToken": "k3yOfTheAccount"}]', "[]"),
        ("/root/.boto", "boto", "aws_secret_access_key=k3yOfTheAccount", "aws_access_key_id=A"),
        ("/root/.cargo/credentials.toml", "cargo", '[registry]\ntoken = "cioCorrectHorse1"', "[registry]"),
        ("/root/.config/composer/auth.json", "composer", '{"github-oauth": {"github.com": "c0rrecthorse"}}', "{}"),
        ("/root/.docker/config.json", "docker", '{"auths": {"r": {"auth": "YTpi"}}}', '{"auths": {"r": {}}}'),
        ("/root/.docker/config.json", "docker", '{"Auths": {"r": {"Auth": "YTpi"}}}', '{"Auths": {"r": {}}}'),
        ("/root/.docker/config.json", "docker", '{"auths": {"r": {"auth": "YTpi"}}, "auths": {}}', '{"auths": {}}'),
        ("/root/.dockercfg", "docker", '{"r": {"auth": "YTpi"}}', "{"),
        ("/root/.config/doctl/config.yaml", "doctl", "access-token: c0rrecthorse", "context: default"),
        (
            "/app/.env",
            "environment",
            "A=b\nexport DB_PASSWORD='c0rrecthorse'",
            "DB_PASSWORD=\nDB_PASSWORD_FILE=/run/secrets/x",
        ),
        ("/app/.env.production", "environment", "DB_PASSWORD=c0rrecthorse", "DB_PASSWORD=${PW}"),
        (
            "/root/.config/gcloud/application_default_credentials.json",
            "gcloud",
            '{"refresh_token": "1//c0rrect"}',
            "{}",
        ),
        ("/root/.gem/credentials", "gem", "---\n:rubygems_api_key: c0rrecthorse", "---"),
        ("/root/.config/gh/hosts.yml", "gh", "github.com:\n    oauth_token: c0rrecthorse", "github.com:\n    user: me"),
        ("/root/.git-credentials", "git", "https://me:c0rrecthorse@github.com", "https://github.com"),
        ("/src/.git/config", "git", "url = https://x:c0rrecthorse@github.com/a", "url = https://github.com/a"),
        ("/root/.gradle/gradle.properties", "gradle", "signing.password=c0rrecthorse", "org.gradle.jvmargs=-Xmx1g"),
        (
            "/root/.kube/config",
            "kubernetes",
            "users:\n- user:\n    token: c0rrecthorse",
            "users:\n- user:\n    exec: {}",
        ),
        ("/root/.m2/settings.xml", "maven", "<password>c0rrecthorse</password>", "<password>${env.PW}</password>"),
        ("/root/.my.cnf", "mysql", "[client]\npassword=c0rrecthorse", "[client]\nuser=a"),
        ("/root/.netrc", "netrc", "machine h login me password c0rrecthorse", "machine h login me"),
        ("/root/.npmrc", "npm", "//r/:_authToken=c0rrecthorse", "//r/:_authToken=${NPM_TOKEN}"),
        ("/app/NuGet.Config", "nuget", '<add key="ClearTextPassword" value="c0rrecthorse" />', "<configuration/>"),
        (
            "/etc/pip.conf",
            "pip",
            "index-url = https://me:c0rrecthorse@pypi.example/",
            "index-url = https://pypi.example/",
        ),
        ("/root/.pgpass", "postgresql", "db:5432:*:me:c0rrecthorse", "# db:5432:*:me:c0rrecthorse"),
        ("/root/.pypirc", "pypi", "[pypi]\npassword = c0rrecthorse", "[pypi]\nusername = me"),
        ("/root/.config/rclone/rclone.conf", "rclone", "[a]\npass = c0rrecthorse", "[a]\ntype = s3"),
        ("/root/.s3cfg", "s3cmd", "secret_key = c0rrecthorse", "secret_key ="),
        (
            "/root/.terraform.d/credentials.tfrc.json",
            "terraform",
            '{"credentials": {"a": {"token": "c0rrecthorse"}}}',
            "{}",
        ),
        ("/root/.vault-token", "vault", "s.c0rrecthorse", "\n"),
        (
            "/var/www/html/wp-config.php",
            "wordpress",
            "define( 'DB_PASSWORD', 'c0rrecthorse' );",
            "define('DB_PASSWORD', getenv('X'));",
        ),
        ("/root/.yarnrc.yml", "yarn", "npmAuthToken: c0rrecthorse", "npmAuthToken: ${NPM_TOKEN}"),
    ],
)
def test_files_of_programs(path: str, program: str, with_: str, without: str) -> None:
    (one,) = found(path, with_)
    assert one[:2] == ("credentials", program)
    assert one[2] is not None
    assert with_.splitlines()[one[2] - 1].strip()
    assert found(path, without) == []


@pytest.mark.parametrize("path", ["/app/.env.example", "/app/.env.sample", "/app/config.yaml", "/app/environment"])
def test_a_file_that_no_program_keeps_credentials_in(path: str) -> None:
    assert found(path, "DB_PASSWORD=c0rrecthorse") == []


@pytest.mark.parametrize(
    ("text", "service"),
    [
        (GITHUB, "GitHub"),
        ("glpat-aB3dE5fG7hI9jK1lM2nO", "GitLab"),
        ("AKIAIOSFODNN7ABCDEFG", "AWS"),
        ("xoxb-123456789012-abcdEFGHijkl5678", "Slack"),
        ("https://hooks.slack.com/services/T0AB12CD3/B0EF45GH6/abcdEFGHijkl1234MNOPqrst", "Slack"),
        ("sk_live_aB3dE5fG7hI9jK1lM2nO", "Stripe"),
        ("npm_aB3dE5fG7hI9jK1lM2nO4pQ6rS8tU0vW2xY4", "npm"),
        ("hvs.aB3dE5fG7hI9jK1lM2nO4pQ6rS8t", "Vault"),
    ],
)
def test_tokens(text: str, service: str) -> None:
    assert found("/srv/run.sh", f"#!/bin/sh\nexport T={text}\n") == [("token", service, 2, False)]


@pytest.mark.parametrize(
    "text",
    [
        "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "ghp_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1",
        "AKIAIOSFODNN7EXAMPLE",
        "task-based-risk-adjusted-work-1",
        "gho_some_function_name(argument)",
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
        "0123456789abcdef0123456789abcdef-us1",
    ],
)
def test_what_only_looks_like_a_token(text: str) -> None:
    assert found("/srv/run.sh", text) == []


def test_what_is_no_text_and_what_is_too_long_is_left_alone() -> None:
    assert found("/srv/data", b"\0\1" + GITHUB.encode()) == []
    assert not worth_reading("/srv/data", MOST_BYTES + 1)
    assert not worth_reading("/srv/a.pyc", 10)
    assert not worth_reading("/srv/empty", 0)


def test_of_very_many_the_first_are_told() -> None:
    assert len(found("/srv/list", f"{GITHUB}\n" * 1000)) == 20


def test_nothing_that_is_told_holds_a_secret() -> None:
    for path, text in (("/a", pem("RSA")), ("/root/.netrc", "password c0rrecthorse"), ("/a", GITHUB)):
        assert text.strip() not in repr(list(secrets(path, text.encode())))
        assert "c0rrecthorse" not in repr(list(secrets(path, text.encode())))


@pytest.mark.parametrize(
    "text", ["-----BEGIN PRIVATE KEY-----" * 20_000, "ghp_" * 200_000, "password " * 100_000, "a" * MOST_BYTES]
)
def test_hostile_texts_take_no_long_time(text: str) -> None:
    for path in ("/root/.netrc", "/root/.git-credentials", "/srv/x"):
        assert found(path, text[:MOST_BYTES]) in ([], [("credentials", "netrc", 1, False)])
