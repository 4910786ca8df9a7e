"""Named predicates: tables of values that satisfy them and values that do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policyengine.policy import predicates
from policyengine.policy.command_lines import (
    duration_at_most,
    lists_all,
    lists_none,
    lists_only,
    number_at_least,
    switched_off,
    switched_on,
)
from policyengine.policy.predicates import (
    CHECKS,
    KEYED_CHECKS,
    KEYED_RULES,
    RULES,
    digest_pinned,
    exposes_none,
    in_format,
    matches_any,
    no_literal_secret,
    no_secret_in_text,
    numeric_user,
    port_or_name,
    private_address,
    public_name,
    semver_at_least,
    unprivileged_ports,
    unprivileged_user,
    valid_port,
    version_key,
    within_cidr,
)

if TYPE_CHECKING:
    from collections.abc import Callable

DIGEST = "sha256:" + "a" * 64

CHECK_TABLE: list[tuple[Callable[[str], bool], list[str], list[str]]] = [
    (
        unprivileged_user,
        ["1000", "app", "1000:0", "app:root", "65534", "01"],
        ["0", "root", "", "0:1000", "root:app", "00"],
    ),
    (
        numeric_user,
        ["1000", "0", "1000:app", "", ":app", "root", "ContainerUser", "containeradministrator"],
        ["app", "app:1000", "1000a", "-1", "nobody:nogroup", "rooter"],
    ),
    (
        valid_port,
        ["80", "0", "65535", "8080/tcp", "53/UDP", "9/sctp", "8000-8010", "8000-8010/tcp", "00080"],
        ["65536", "80000/tcp", "8000-70000", "http", "", "80/icmp", "-1", "80-", "8080:80", "9" * 5000, "٣"],
    ),
    (digest_pinned, [f"nginx@{DIGEST}", f"ghcr.io/a/b:1@{DIGEST}"], ["nginx", "nginx:1", "", "nginx@sha256:12"]),
    (
        private_address,
        [
            *("10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.0.1", "127.0.0.1", "127.255.0.1", "169.254.1.1"),
            *("::1", "[::1]", "fe80::1", "fd00::1", "::ffff:10.0.0.1", "10.0.0.0/8", "192.168.0.0/24"),
        ],
        [
            *("8.8.8.8", "172.32.0.1", "172.15.0.1", "0.0.0.0", "::", "2001:db8::1", "100.64.0.1", "192.0.2.1"),
            *("::ffff:8.8.8.8", "192.168.0.0/8", "", "localhost", "10.0.0", "10.0.0.1:80", "010.0.0.1", "*"),
        ],
    ),
    (
        unprivileged_ports,
        ["1024", "8080", "65535", "1024-1030", "0", "00", "", "http", "8080/tcp", "9" * 5000],
        ["1", "80", "1023", "080", "1000-1030", "80-80", "1-65535", " 80"],
    ),
    (
        no_secret_in_text,
        ["app --verbose", "app --password $PASSWORD", "", "token: web-token", "https://example.com/a@b"],
        ["app --password hunter2", "curl https://u:hunter2@example.com", "db.password=hunter2"],
    ),
    (public_name, ["VERSION", "TOKEN_URL", "PASSWORD_FILE", ""], ["NPM_TOKEN", "dbPassword", "AWS_SECRET_ACCESS_KEY"]),
    (
        port_or_name,
        ["1", "80", "65535", "http", "http-alt", "a1", "1a", "123456789012345"[:-1] + "a"],
        ["0", "65536", "", "-", "http-", "-http", "a--b", "HTTP", "n234567890123456", "9" * 5000, "a_b", "8080/tcp"],
    ),
    (switched_on, ["true", "1", "T"], ["", "yes", "on", "false", "tRUE"]),
    (switched_off, ["false", "0", "F"], ["", "no", "off", "true", "fALSE"]),
]


@pytest.mark.parametrize(
    ("check", "value", "wanted"),
    [
        (check, value, wanted)
        for check, good, bad in CHECK_TABLE
        for wanted, values in ((True, good), (False, bad))
        for value in values
    ],
)
def test_check(check: Callable[[str], bool], value: str, wanted: bool) -> None:
    assert check(value) is wanted


def test_every_predicate_is_documented() -> None:
    every = [*CHECKS.values(), *KEYED_CHECKS.values(), *(rule for rule, _ in (RULES | KEYED_RULES).values())]
    assert all(check.__doc__ for check in every)
    assert {check for check, _, _ in CHECK_TABLE} == set(CHECKS.values()), "a predicate has no table here"


LISTS: list[tuple[Callable[[str, list[str]], bool], str, bool]] = [
    (lists_all, "a,b,c", True),
    (lists_all, " a , b ", True),
    (lists_all, "a", False),
    (lists_all, "ab", False),
    (lists_none, "c,d", True),
    (lists_none, "", True),
    (lists_none, "c,b", False),
    (lists_only, "b,a,b,", True),
    (lists_only, "", True),
    (lists_only, "a,c", False),
]


@pytest.mark.parametrize(("rule", "text", "wanted"), LISTS)
def test_lists_with_commas(rule: Callable[[str, list[str]], bool], text: str, wanted: bool) -> None:
    assert rule(text, ["a", "b"]) is wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        *(("30", True), ("031", True), ("+30", True), ("29", False), ("-30", False), ("", False), ("30d", False)),
        *(("9" * 18, True), ("9" * 5000, False)),
    ],
)
def test_number_at_least(text: str, wanted: bool) -> None:
    assert number_at_least(text, "30") is wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        *(("300s", True), ("5m", True), ("4m59.9s", True), ("0", True), ("0s", True), ("900us", True)),
        *(("5m1s", False), ("1h", False), ("300", False), ("", False), ("-1s", False), ("5 m", False)),
        ("1s" * 5000, False),
    ],
)
def test_duration_at_most(text: str, wanted: bool) -> None:
    assert duration_at_most(text, "5m") is wanted


CIDR = [
    ("10.1.2.3", ["10.0.0.0/8"], True),
    ("11.0.0.0", ["10.0.0.0/8"], False),
    ("11.0.0.0", ["10.0.0.0/8", "11.0.0.0/8"], True),
    ("10.1.0.0/16", ["10.0.0.0/8"], True),
    ("10.0.0.0/7", ["10.0.0.0/8"], False),
    ("10.1.2.3", ["10.1.2.3"], True),
    ("10.1.2.3", ["10.1.2.4/24"], True),
    ("::1", ["10.0.0.0/8", "::/0"], True),
    ("::1", ["0.0.0.0/0"], False),
    ("1.2.3.4", ["::/0"], False),
    ("[fd00::1]", ["fd00::/8"], True),
    ("::ffff:10.0.0.1", ["10.0.0.0/8"], True),
    ("10.0.0.1", ["::ffff:10.0.0.0/104"], True),
    ("fe80::1%eth0", ["10.0.0.0/8"], False),
    ("", ["0.0.0.0/0"], False),
    ("localhost", ["0.0.0.0/0"], False),
    ("10.0.0.1", [], False),
]


EXPOSING = [
    # The path itself, however it is spelt.
    ("/etc", ["/etc"], False),
    ("/etc/", ["/etc"], False),
    ("//etc/.", ["/etc"], False),
    ("/srv/../etc", ["/etc"], False),
    ("/../etc", ["/etc"], False),
    ("/etc", ["/etc/"], False),
    ("/etc", ["/srv", "/etc"], False),
    # Its neighbours.
    ("/etcetera", ["/etc"], True),
    ("/et", ["/etc"], True),
    ("/ETC", ["/etc"], True),
    ("/srv/etc", ["/etc"], True),
    # Above it.
    ("/", ["/etc"], False),
    ("/var", ["/var/lib/docker"], False),
    ("/var/lib", ["/var/lib/docker/**"], False),
    ("/var/log", ["/var/lib/docker"], True),
    # Below it.
    ("/etc/nginx", ["/etc"], True),
    ("/root/.ssh/id_rsa", ["/root/**"], False),
    ("/root", ["/root/**"], False),
    ("/rooted/x", ["/root/**"], True),
    ("/", ["/"], False),
    ("/srv", ["/"], True),
    ("/srv", ["/**"], False),
    # Through the root of a process.
    ("/proc/1/root/etc", ["/etc"], False),
    ("/proc/1/root", ["/etc"], False),
    ("/proc/self/root/proc/1/root/etc/x", ["/etc/**"], False),
    ("/proc/1/rooted", ["/etc"], True),
    ("/proc/1/cwd", ["/etc", "/proc"], True),
    # Windows.
    ("C:\\", ["C:/Windows"], False),
    ("c:", ["C:/Windows"], False),
    ("c:\\windows\\System32", ["C:/Windows/**"], False),
    ("C:/Users", ["C:/Windows/**"], True),
    ("D:/Windows", ["C:/Windows/**"], True),
    # What is no path of the host.
    ("etc", ["/etc", "/**"], True),
    ("./etc", ["/etc"], True),
    ("~/etc", ["/etc"], True),
    ("server:/etc", ["/etc"], True),
    ("", ["/etc"], True),
    ("/etc", [], True),
]


@pytest.mark.parametrize(("path", "sensitive", "wanted"), EXPOSING)
def test_exposes_none(path: str, sensitive: list[str], wanted: bool) -> None:
    assert exposes_none(path, sensitive) is wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        *((path, True) for path in ("/", "/etc", "/root/**", "/**", "C:/Windows/**", "c:\\Windows")),
        *((path, False) for path in ("etc", "", "/etc/*", "/etc/**/x", "*", "/*/ssh", "~/.ssh")),
    ],
)
def test_what_exposes_none_takes(text: str, wanted: bool) -> None:
    _, argument = RULES["exposes_none"]
    assert argument.valid(text) is wanted


@pytest.mark.parametrize(("address", "networks", "wanted"), CIDR)
def test_within_cidr(address: str, networks: list[str], wanted: bool) -> None:
    assert within_cidr(address, networks) is wanted


ORDERED = [
    *("0.0.0-0", "0.0.0", "0.0.1", "0.9.0", "0.10.0"),
    *("1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1"),
    *("1.0.0", "1.0.1-1", "1.0.1-2", "1.0.1-10", "1.0.1-1a", "1.0.1", "1.13.1-cs9", "1.13.1", "17.03.1-ce", "17.03.1"),
    *("19.03.15", "27.3.1", f"27.3.1{'0' * 15}"),
]
"""Each version and those after it: 1.0.0-alpha to 1.0.0 is the example of Semantic Versioning 2.0.0 (11)."""


def test_versions_are_ordered() -> None:
    keys = [version_key(version) for version in ORDERED]
    assert None not in keys
    for index, version in enumerate(ORDERED):
        found = [other for other in ORDERED if semver_at_least(other, version)]
        assert found == ORDERED[index:]


EQUAL = [
    ("1", "1.0.0"),
    ("v1.2", "1.2.0"),
    ("V1.2.3", "1.2.3"),
    ("1.2.3+build.5", "1.2.3"),
    ("20.10.24+dfsg1", "20.10.24"),
    ("1.02", "1.2"),
    ("1.0.0-01", "1.0.0-1"),
]


@pytest.mark.parametrize(("one", "other"), EQUAL)
def test_equal_versions(one: str, other: str) -> None:
    assert version_key(one) == version_key(other) is not None


NO_VERSIONS = [
    *(
        "",
        "latest",
        "v",
        "1.",
        ".1",
        "1..2",
        "1.2.3.4",
        "1.2rc1",
        "1.2.3-",
        "1.2.3-a..b",
        "1.2.3-é",
        "1.2.3+",
        "-1",
        "1,2",
    ),
    *("１.2.3", "1.2.3 ", "1.2.3\n", "9" * 5000, "1.2.3_4"),
]


@pytest.mark.parametrize("text", NO_VERSIONS)
def test_no_version_is_at_least_another(text: str) -> None:
    assert version_key(text) is None
    assert not semver_at_least(text, "0.0.0-0")
    assert not RULES["semver_at_least"][1].valid(text)


MATCHES = [
    ("ghcr.io/acme/web", "ghcr.io/acme/*", True),
    ("ghcr.io/acme/", "ghcr.io/acme/*", True),
    ("ghcr.io/acme", "ghcr.io/acme/*", False),
    ("ghcr.io/acme/a/b", "ghcr.io/acme/*", True),
    ("xghcr.io/acme/web", "ghcr.io/acme/*", False),
    ("ghcr_io/acme/web", "ghcr.io/acme/*", False),
    ("a", "a", True),
    ("ab", "a", False),
    ("", "*", True),
    ("a\nb", "a*b", True),
    ("aa", "a*a", True),
    ("a", "a*a", False),
    ("aba", "ab*ba", False),
    ("abba", "ab*ba", True),
    ("abcabc", "*abc", True),
    ("abcab", "*abc", False),
    ("xaybz", "*a*b*", True),
    ("xbyaz", "*a*b*", False),
    ("aXbXc", "a*b*c", True),
    ("a", "**", True),
    ("a?", "a?", True),
    ("ab", "a?", False),
    ("[a]", "[a]", True),
    ("a", "[a]", False),
    ("a.b", "a.b", True),
    ("axb", "a.b", False),
]


@pytest.mark.parametrize(("text", "pattern", "wanted"), MATCHES)
def test_matches_any(text: str, pattern: str, wanted: bool) -> None:
    assert matches_any(text, [pattern]) is wanted
    assert matches_any(text, ["zzz", pattern]) is wanted
    assert not matches_any(text, [])


def listed(words: str) -> list[str]:
    return words.split()


NAMES_OF_SECRETS = listed("""
    PASSWORD password DB_PASSWORD DB_PASS DB_PWD ROOT_PW MYSQL_ROOT_PASSWORD POSTGRES_PASSWORD PGPASSWORD MYSQL_PWD
    REDIS_PASSWORD MONGO_INITDB_ROOT_PASSWORD RABBITMQ_DEFAULT_PASS KEYCLOAK_ADMIN_PASSWORD KC_DB_PASSWORD
    GF_SECURITY_ADMIN_PASSWORD MINIO_ROOT_PASSWORD NEXTCLOUD_ADMIN_PASSWORD SMTP_PASSWD LDAP_BIND_PASSWORD
    SSH_PASSPHRASE ELASTIC_PASSWORD dbPassword spring.datasource.password Jwt__SecretKey ConnectionPassword
    SECRET JWT_SECRET CLIENT_SECRET COOKIE_SECRET NEXTAUTH_SECRET SECRET_TOKEN SECRET_KEY SECRET_KEY_BASE
    DJANGO_SECRET_KEY FLASK_SECRET_KEY ACCESS_TOKEN_SECRET WEBHOOK_SECRET clientSecret OAUTH2_PROXY_CLIENT_SECRET
    TOKEN API_TOKEN GITHUB_TOKEN GH_TOKEN NPM_TOKEN SLACK_BOT_TOKEN VAULT_TOKEN AUTHTOKEN authToken HF_TOKEN
    AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN MINIO_SECRET_KEY AZURE_STORAGE_ACCOUNT_KEY AZURE_BATCH_KEY
    OCI_CLI_KEY_CONTENT
    AZURE_CLIENT_SECRET API_KEY OPENAI_API_KEY STRIPE_APIKEY apiKey SENDGRID_API_KEY NEW_RELIC_LICENSE_KEY APP_KEY
    ENCRYPTION_KEY N8N_ENCRYPTION_KEY SIGNING_KEY MEILI_MASTER_KEY SSH_PRIVATE_KEY PRIVATE_KEY TLS_PRIVATE_KEY
    PRIVATEKEY SSHPRIVATEKEY REQUIREPASS PASS USERPASS GITHUB_PAT AZURE_DEVOPS_EXT_PAT
    REGISTRY_CREDENTIALS GIT_CREDS DB_CREDENTIAL GRAFANA_SERVICE_ACCOUNT_TOKEN db-password DB_PASSWORD_1
""")

OTHER_NAMES = listed("""
    PATH HOME PWD OLDPWD USER POSTGRES_USER DB_HOST KEYCLOAK_USER KEYCLOAK_ADMIN KC_HOSTNAME KEY KEYS KEYBOARD MONKEY
    PASSWORD_FILE POSTGRES_PASSWORD_FILE SECRET_FILE TOKEN_FILE SECRET_PATH SECRETS_DIR TOKEN_URL TOKEN_ENDPOINT
    AWS_ACCESS_KEY MINIO_ACCESS_KEY S3_ACCESS_KEY PUSHER_APP_KEY
    AUTH_TOKEN_URI SECRET_NAME SECRET_ARN SECRET_ID AWS_ACCESS_KEY_ID AWS_SECRET_NAME CREDENTIALS_PATH
    PASSWORD_RESET_TIMEOUT PASSWORD_MIN_LENGTH PASSWORD_MAX_AGE PASSWORD_POLICY PASSWORD_HASH PASSWORD_HASHERS_FORMAT
    TOKEN_TTL TOKEN_EXPIRY ACCESS_TOKEN_LIFETIME JWT_TOKEN_EXPIRES TOKEN_ISSUER TOKEN_AUDIENCE CSRF_TOKEN_HEADER
    SECRET_VERSION SECRETS_BACKEND SECRET_PROVIDER TOKEN_TYPE PASS_MAX_DAYS PASSENGER PASSTHROUGH BYPASS COMPASS
    PAT PAT_NAME PATH_PATTERN TRESPASS SURPASS
    MAX_TOKENS MAX_TOKEN OPENAI_MAX_TOKENS TOKENIZER TOKENIZERS_PARALLELISM TOKENS_PER_MINUTE NUM_TOKEN
    MYSQL_ALLOW_EMPTY_PASSWORD ALLOW_EMPTY_PASSWORD ALLOW_ANONYMOUS_PASSWORD REQUIRE_PASSWORD ENABLE_TOKEN
    NOPASSWD NOPASSWORD SUDO_NOPASSWD
    SSH_PUBLIC_KEY PUBLIC_KEY VAPID_PUBLIC_KEY PRIMARY_KEY PARTITION_KEY SORT_KEY SSH_KEY TLS_KEY TLS_KEY_FILE
    AWS_ACCESS_KEY MINIO_ACCESS_KEY S3_ACCESS_KEY PUSHER_APP_KEY AZURE_VAULT_KEY
    PASSWORD_ACCESS SECRETARY SECRETION TOKENIZATION DATABASE_URL REDIS_URL CONNECTION_STRING LANG
""")


@pytest.mark.parametrize("name", NAMES_OF_SECRETS)
def test_names_of_secrets(name: str) -> None:
    assert not no_literal_secret(name, "correct-horse")


@pytest.mark.parametrize("name", OTHER_NAMES)
def test_other_names(name: str) -> None:
    assert no_literal_secret(name, "correct-horse")


LITERALS = [
    *("correct-horse", "hunter2", "password", "secret", "admin", "12345", "root", "postgres", "P@$$w0rd", "pa$sword"),
    *("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "/9j4AAQSkZJRg==", "sk-proj-abc", "$abc", "$abc123", "a${x}"),
    *("a-${B}-c", "${DB_PASSWORD:-x}", "$P4SSW0RD", "/Ab3/Xy9", "/aB/cD/eF", "/x9", "/hunter2/x", "/a/b"),
    *("base64:2fl+Ktvkfl+Fuz4Qp/A75G2RTiWVA/ZoKZvp6fiiM10=", "changed-it", "your", "xx", "nonetheless", "truely"),
    *("a b", "€uro", "10", "$2b", "$", "user:pass"),
    *("abc${", "notes.txt", "yes-it-is", "my-secret-pw"),
]
NOT_WRITTEN_OUT = [
    *(
        "",
        " ",
        "changeme",
        "CHANGE_ME",
        "change-me",
        "changeme123",
        "changethis",
        "<password>",
        "<your token>",
        "{{ x }}",
    ),
    *("xxx", "XXXXXX", "****", "...", "your-password-here", "your_token", "replace-me", "REPLACE_ME_NOW", "fill in"),
    *(
        "TODO",
        "todo: set",
        "placeholder",
        "redacted",
        "null",
        "None",
        "true",
        "False",
        "yes",
        "no",
        "on",
        "off",
        "0",
        "1",
    ),
    *(
        "$DB_PASSWORD",
        "${DB_PASSWORD}",
        "${DB_PASSWORD:?needed}",
        "a$(B)c",
        "$(DB_PASSWORD)",
        "${DB_PASSWORD:-}",
        "%DB_PASSWORD%",
        "__TOKEN__",
    ),
    *(
        "/run/secrets/db",
        "/var/run/secrets/x/token",
        "/etc/ssl/key.pem",
        "/key.json",
        "/mnt/secrets-store/Db1",
        "/secrets/db",
        "/vault/secrets/db",
        "/etc/Xy9",
        "/keycloak/conf/admin",
        "file:///run/x",
        "vault:secret/db",
    ),
    *("vault://secret/db#password", "ref+vault://a/b", "op://vault/item/field", "arn:aws:secretsmanager:eu-west-1:1:x"),
    *("projects/1/secrets/db/versions/1", "@Microsoft.KeyVault(SecretUri=x)", "ENC[AES256_GCM,data:x]", "[your key]"),
    *("insert-token-here", "set-me", "set_in_env", "enabled", "disable", "undefined"),
]


@pytest.mark.parametrize("value", LITERALS)
def test_secrets_written_out(value: str) -> None:
    assert not no_literal_secret("DB_PASSWORD", value)
    assert no_literal_secret("DB_NAME", value)


SECRETS_BY_THEMSELVES = [
    *("ghp_0123456789abcdef", "github_pat_11ABCDEFG0123", "glpat-0123456789ab", "xoxb-123456-abcdef"),
    *("xoxp-123456-abcdef", "sk_live_0123456789", "AKIAIOSFODNN7ABCDEFG", " ghp_0123456789abcdef\n"),
    *("postgres://u:hunter2@db/x", "redis://:hunter2@cache:6379/0", "amqp://guest:guest@mq", "https://a:b@x"),
]
NO_SECRETS_BY_THEMSELVES = [
    *("postgres://user:password@db/x", "postgres://u:${PASSWORD}@db", "postgres://u:$(PASSWORD)@db", "postgres://u@db"),
    *(
        "postgres://u:changeme@db",
        "postgres://u:<password>@db",
        "postgres://u:****@db",
        "http://host:80/a@b",
        "://a:b@c",
    ),
    *(
        "postgres://u:a${B}c@db",
        "https://x/?a=b:c@d",
        "sk_test_0123456789",
        "AKIA",
        "AKIAIOSFODNN7EXAMPLE",
        "xgh_0123456789",
        "a ghp_0123",
    ),
]


@pytest.mark.parametrize("value", SECRETS_BY_THEMSELVES)
def test_secrets_under_any_name(value: str) -> None:
    assert not no_literal_secret("A", value)
    assert not no_literal_secret("DATABASE_URL", value)


@pytest.mark.parametrize("value", NO_SECRETS_BY_THEMSELVES)
def test_no_secrets_under_any_name(value: str) -> None:
    assert no_literal_secret("A", value)


@pytest.mark.parametrize("value", NOT_WRITTEN_OUT)
def test_values_that_are_no_secret(value: str) -> None:
    assert no_literal_secret("DB_PASSWORD", value)


def test_judging_a_long_value_takes_no_time() -> None:
    for text in ("/a" * 200_000 + "+", "${" * 200_000, "<" * 400_000, "a" * 400_000, "[" * 400_000 + "a"):
        no_literal_secret("DB_PASSWORD", text)
        no_literal_secret(text, "a")


FORMATTED = ["a.*=semver", "a.b=text", "date=rfc3339"]


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("a.b", "1.2.3", True),
        ("a.b", "any", False),
        ("date", "2026-11-26T18:50:38Z", True),
        ("date", "today", False),
        ("other", "anything", True),
    ],
)
def test_in_format(name: str, text: str, *, wanted: bool) -> None:
    assert in_format(name, text, FORMATTED) is wanted


@pytest.mark.parametrize("text", ["a", "a=", "a=date", "=text", ""])
def test_what_is_no_format(text: str) -> None:
    assert not KEYED_RULES["in_format"][1].valid(text)


def test_the_module_says_what_policies_can_use() -> None:
    assert predicates.__doc__
    assert {name for name, (_, takes) in RULES.items() if takes.listed} == {
        "within_cidr",
        "matches_any",
        "exposes_none",
        "lists_all",
        "lists_none",
        "lists_only",
    }
