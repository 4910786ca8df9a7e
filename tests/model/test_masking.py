from __future__ import annotations

from time import thread_time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policyengine.model.kinds import kind
from policyengine.model.masking import MASK, concealed, masked
from policyengine.model.types import BOOLEAN, INTEGER, STRING, STRINGS, Field, Type, list_of, map_of, object_of
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from policyengine.model.paths import FieldPath

UNKNOWN = Unknown("image.user", "a secret reason")
CONTAINER = kind("container").type
LOGIN = object_of(
    user=Field(STRING, "user"),
    password=Field(STRING, "password", sensitive=True),
    old=Field(list_of(object_of(at=Field(INTEGER, "when"), text=Field(STRING, "what"))), "old ones", sensitive=True),
    note=Field(map_of(STRINGS), "notes"),
)


@pytest.mark.parametrize(
    ("value", "path", "shown"),
    [
        (True, ("privileged",), True),
        (None, ("privileged",), None),
        (UNKNOWN, ("user",), None),
        (["a", UNKNOWN], ("command",), ["a", None]),
        ({"A": "hunter2", "B": None, "C": ""}, ("environment",), {"A": MASK, "B": None, "C": MASK}),
        ({"A": UNKNOWN}, ("environment",), {"A": None}),
        ("hunter2", ("environment", "A"), MASK),
        (None, ("environment", "A"), None),
        (UNKNOWN, ("environment", "A"), None),
        ({"A": "b"}, ("labels",), {"A": "b"}),
        (
            {"name": "web", "environment": {"A": "hunter2"}, "ports": [{"target": 80}]},
            (),
            {"name": "web", "environment": {"A": MASK}, "ports": [{"target": 80}]},
        ),
        (80, ("ports", 0, "target"), 80),
        ("x", ("nowhere", "below"), "x"),
    ],
)
def test_a_container(value: object, path: FieldPath, shown: object) -> None:
    assert masked(value, path, CONTAINER) == shown


@pytest.mark.parametrize(
    ("value", "path", "shown"),
    [
        ({"user": "a", "password": "hunter2"}, (7,), {"user": "a", "password": MASK}),
        ([{"user": "a", "password": 5}], (), [{"user": "a", "password": MASK}]),
        ({"old": [{"at": 5, "text": "hunter2"}]}, (0,), {"old": [{"at": MASK, "text": MASK}]}),
        ([{"at": 5}], (0, "old"), [{"at": MASK}]),
        ("hunter2", (0, "old", 3, "text"), MASK),
        ("hunter2", (0, "old", 3, "nowhere", 1), MASK),
        (False, (0, "password"), MASK),
        ({"a": ["b"]}, (0, "note"), {"a": ["b"]}),
        (("a", "b"), (0, "note", "a"), ["a", "b"]),
    ],
)
def test_sensitive_values_below_objects_and_lists(value: object, path: FieldPath, shown: object) -> None:
    assert masked(value, path, list_of(LOGIN)) == shown


def test_containers_are_copied() -> None:
    value = {"environment": {"A": "hunter2"}}
    masked(value, (), CONTAINER)
    assert value == {"environment": {"A": "hunter2"}}


def _values(type_: Type, sensitive: bool) -> st.SearchStrategy[object]:
    """Values of a type; every text that is or is below a sensitive field says so."""
    if type_.name == "object":
        fields = {name: _values(field.type, sensitive or field.sensitive) for name, field in type_.fields.items()}
        return st.fixed_dictionaries({}, optional=fields).map(dict)
    if type_.items and type_.name == "list":
        return st.lists(_values(type_.items, sensitive), max_size=2).map(list)
    if type_.items:
        return st.dictionaries(st.sampled_from("ab"), _values(type_.items, sensitive), max_size=2).map(dict)
    secret: st.SearchStrategy[object] = st.sampled_from(["hunter2", "hunter2" * 2])
    return secret if sensitive else st.one_of(st.just("shown"), st.just(UNKNOWN))


_DEEP = list_of(
    object_of(
        a=Field(map_of(LOGIN), "a"), b=Field(list_of(LOGIN), "b", sensitive=True), c=Field(BOOLEAN, "c", sensitive=True)
    )
)


@settings(deadline=None)
@given(_values(_DEEP, sensitive=False))
def test_no_sensitive_value_survives_and_nothing_else_is_lost(value: object) -> None:
    shown = str(masked(value, (), _DEEP))
    assert "hunter2" not in shown
    assert "secret reason" not in shown
    assert shown.count("'shown'") == str(value).count("'shown'")


CONCEALED = [
    # URLs
    ("https://oauth2:hunter2@github.com/a/b.git", "https://oauth2:****@github.com/a/b.git"),
    ("cannot clone https://u:hunter2@x, nor http://:hunter2@y", "cannot clone https://u:****@x, nor http://:****@y"),
    ("tcp://u:hunter2@127.0.0.1:1", "tcp://u:****@127.0.0.1:1"),
    ("https://ghp_abcdef123456@github.com", "https://****@github.com"),
    ("https://glpat-abcdef@x", "https://****@x"),
    ("https://0123456789abcdef@x", "https://****@x"),
    ("https://ghp_abcdef123456:x-oauth-basic@x", "https://****:****@x"),
    ("postgres://u:hun/ter2@db/x", "postgres://u:****@db/x"),
    ("postgres://u:hun@ter2@db/x", "postgres://u:****@db/x"),
    ("http://a:hunter2@x,http://b:hunter3@y", "http://a:****@x,http://b:****@y"),
    # pairs
    ("DB_PASSWORD=hunter2 A=b", "DB_PASSWORD=**** A=b"),
    ("--password=hunter2", "--password=****"),
    ("{DB_PASSWORD: hunter2, A: b}", "{DB_PASSWORD: ****, A: b}"),
    ("{DB_PASSWORD: correct horse, A: b}", "{DB_PASSWORD: ****, A: b}"),
    ('{"DB_PASSWORD":"hun\\"ter2","A":"b"}', '{"DB_PASSWORD":"****","A":"b"}'),
    ('{"DB_PASSWORD" : 12345,"A":1}', '{"DB_PASSWORD" : ****,"A":1}'),
    ("{password: 'it''s', a: b}", "{password: '****', a: b}"),
    ('a: "{\\"password\\": \\"hunter2\\", \\"a\\": 1}"', 'a: "{\\"password\\": \\"****\\", \\"a\\": 1}"'),
    ("PASSWORD: &a hunter2", "PASSWORD: &a ****"),
    ("PASSWORD: !vault 'hunter2'", "PASSWORD: !vault '****'"),
    ("PASSWORD: ${X:-hunter2}", "PASSWORD: ****"),
    ("PASSWORD: hun,ter2, A: b", "PASSWORD: ****, A: b"),
    ("PASSWORD=$hunter2", "PASSWORD=****"),
    ("acme.io/db-password: hunter2", "acme.io/db-password: ****"),
    ('PASSWORD="hunter2', 'PASSWORD="****'),
    # options
    ("redis-server --requirepass hunter2 --port 1", "redis-server --requirepass **** --port 1"),
    ('["--password", "hunter2", "-p"]', '["--password", "****", "-p"]'),
    ("['--password','hunter2']", "['--password','****']"),
    ("[--password, hunter2]", "[--password, ****]"),
    # arguments of commands
    ("curl -u admin:hunter2 https://x", "curl -u admin:**** https://x"),
    ("curl -sSLu 'admin:hun ter2' https://x", "curl -sSLu 'admin:****' https://x"),
    ('/usr/bin/curl -fu "$U:hunter2" x', '/usr/bin/curl -fu "$U:****" x'),
    ("curl -uadmin:hunter2 --proxy-user=p:hunter2 x", "curl -uadmin:**** --proxy-user=p:**** x"),
    ("curl --user admin:hunter2 -U p:hunter2 x", "curl --user admin:**** -U p:**** x"),
    ('["curl","-u","admin:hunter2","x"]', '["curl","-u","admin:****","x"]'),
    ("[curl, -u, admin:hunter2, x]", "[curl, -u, admin:****, x]"),
    ('["sh", "-c", "curl -u admin:hunter2 x"]', '["sh", "-c", "curl -u admin:**** x"]'),
    ('sh -c "curl -u \\"admin:hunter2\\" x"', 'sh -c "curl -u \\"admin:****\\" x"'),
    ("curl \\\n  -u \\\n  admin:hunter2", "curl \\\n  -u \\\n  admin:****"),
    ("command:\n  - curl\n  - -u\n  - admin:hunter2", "command:\n  - curl\n  - -u\n  - admin:****"),
    ("command: [mysql]\nargs: [-phunter2]", "command: [mysql]\nargs: [-p****]"),
    ("- x\n- --password\n- hunter2", "- x\n- --password\n- ****"),
    ('curl -H "Authorization: Bearer hunter2" x', 'curl -H "Authorization: Bearer ****" x'),
    ("curl -H 'authorization: hunter2' x", "curl -H 'authorization: ****' x"),
    ("wget --header='Authorization: Basic aHVudGVyMg==' x", "wget --header='Authorization: Basic ****' x"),
    ('["-H", "Authorization: token hunter2"]', '["-H", "Authorization: token ****"]'),
    ('curl -H "X-Auth-Token: hunter2" x', 'curl -H "X-Auth-Token: ****" x'),
    ("docker login -u bob -p hunter2 reg.io", "docker login -u bob -p **** reg.io"),
    ("docker login --password hunter2 reg.io", "docker login --password **** reg.io"),
    ("helm registry login reg.io -u bob -phunter2", "helm registry login reg.io -u bob -p****"),
    ("mysql -uroot -phunter2 db", "mysql -uroot -p**** db"),
    ("mysql -p'hun ter2' db", "mysql -p'****' db"),
    ("[mysql, -phunter2]", "[mysql, -p****]"),
    ("docker exec db mysqldump -phunter2 x", "docker exec db mysqldump -p**** x"),
    ("sshpass -p hunter2 ssh x", "sshpass -p **** ssh x"),
    ("sshpass -phunter2 ssh x", "sshpass -p**** ssh x"),
    ("sudo useradd -m -p hunter2 bob", "sudo useradd -m -p **** bob"),
    ("usermod -p '$6$salt$hash' bob", "usermod -p '****' bob"),
    ("redis-cli -a hunter2 ping", "redis-cli -a **** ping"),
    ("npm config set //r.io/:_authToken hunter2", "npm config set //r.io/:_authToken ****"),
    ("npm config -g set _authToken hunter2", "npm config -g set _authToken ****"),
    ("echo //r.io/:_authToken=hunter2", "echo //r.io/:_authToken=****"),
    ("aws configure set aws_secret_access_key hunter2", "aws configure set aws_secret_access_key ****"),
    (
        '["aws","configure","set","aws_secret_access_key","hunter2"]',
        '["aws","configure","set","aws_secret_access_key","****"]',
    ),
    ("echo 'machine x login bob password hunter2' > ~/.netrc", "echo 'machine x login bob password ****' > ~/.netrc"),
    ("machine x\nlogin bob\npassword hunter2\n", "machine x\nlogin bob\npassword ****\n"),
    ("printf 'machine x\\nlogin bob\\npassword hunter2\\n'", "printf 'machine x\\nlogin bob\\npassword ****\\n'"),
    ("default login bob password hunter2", "default login bob password ****"),
    # tokens
    ("echo AKIAIOSFODNN7ABCDEFG | x", "echo **** | x"),
]
NOT_CONCEALED = [
    *("", "postgres://shop@db/x", "https://reg:5000/a@sha256:1", "http://x/a@b", "http://u:${PASSWORD}@x", "a:b@c"),
    *("automountServiceAccountToken: false", "secrets: [db]", "secretName: db", "PASSWORD: *a", "PASSWORD: ${X}"),
    *(
        "TOKEN: |",
        "TOKEN: >-",
        "secret: {secretName: a}",
        "--password --x",
        "PASSWORD=",
        'PASSWORD: ""',
        "x: --password",
    ),
    *(
        "vault-token://x",
        "PASSWORD_FILE=/run/secrets/x",
        "{name: DB_PASSWORD, valueFrom: {}}",
        "-----",
        'a["PASSWORD"]',
    ),
    *("docker run -p 8080:80 -u node:node nginx", "mkdir -p /x", "curl -u bob x", "curl; chown -u a:b x"),
    *("docker run --name mysql -p3306:3306 mysql", "mysql -p db", "mysql -u root -p", '["mysql","-p","-h","x"]'),
    *("mkdir -p /var/lib/mysql && cp -p /a /b", "docker login -u bob --password-stdin reg.io", "ssh -p 22 x"),
    *(
        "authorization: {mode: RBAC}",
        "--authorization-mode=Node,RBAC",
        "authorization: Webhook",
        "curl -s x | id -u a:b",
    ),
    *("password required pam_unix.so", "the login password is kept", "npm config set registry https://r.io"),
    *("curl -U", "curl --user-agent a:b x", "npm run set a", "- curl -s x\n- id -u a:b", "login -p", "docker login -p"),
    *("- curl\n- -u", "mysql -p\nmysql", 'x "mysql -p" "a"', "curl -u ; id a:b"),
    *("KEY=value", "a=b", "MAX_TOKENS: 100", "PASSWORD: $(X)", "passwd", "kind: Secret"),
]


@pytest.mark.parametrize(("text", "wanted"), CONCEALED)
def test_secrets_in_a_text(text: str, wanted: str) -> None:
    assert concealed(text) == wanted
    assert concealed(wanted) == wanted


@pytest.mark.parametrize("text", NOT_CONCEALED)
def test_texts_that_show_no_secret(text: str) -> None:
    assert concealed(text) == text


@given(
    st.lists(
        st.sampled_from(
            [
                *"PASSWORD=hunter2",
                *" ,:\"'\\{}[]@/?#&*!$~-|\n",
                "://",
                "TOKEN",
                "${",
                "--pass",
                "curl",
                " -u ",
                "mysql",
                "-p",
                "\n- ",
            ]
        )
    )
)
@settings(max_examples=500, deadline=None)
def test_what_is_concealed_stays_as_it_is(pieces: list[str]) -> None:
    once = concealed("".join(pieces))
    assert concealed(once) == once


@pytest.mark.parametrize(
    "text",
    [
        *("a" * 400_000, "://" * 100_000, "://a:" * 80_000, "a " * 200_000, "-" * 400_000, "--a " * 100_000),
        *('password="' * 40_000, "password:" * 40_000, "password=${" * 40_000, "password: " + "&a " * 100_000),
        *("://a:b/" + "@/" * 100_000, "password='\\\"" * 30_000, "xoxb-" * 80_000, "password: a " * 40_000),
        "password: " + "a " * 200_000,
        *("curl -u " * 50_000, "curl -u a:'" * 40_000, "mysql -p" * 50_000, "mysql " + '-p"' * 100_000),
        *("machine " * 50_000, "machine a login b " * 20_000, "config set " * 40_000, "npm set " + "a/" * 200_000),
        *("npm config " + "-a " * 100_000, "npm set " + ":" * 400_000, "authorization:" * 30_000, "\n- --a" * 80_000),
        *('"authorization: ' * 30_000, "curl " + '"' * 400_000, "curl " + "\\" * 400_000, "curl -u a:" + "," * 400_000),
        *("curl -u " + "{" * 400_000, "curl -u ${" * 40_000, "curl\n- -u" * 40_000, "login" + " \\\n" * 100_000),
    ],
    ids=lambda text: text[:12],
)
def test_concealing_takes_linear_time(text: str) -> None:
    began = thread_time()
    concealed(text)
    assert thread_time() - began < 2


def test_lists_and_maps_of_strings() -> None:
    command = ["redis-server", "--requirepass", "hunter2", "--port", "1", "--password=hunter2", "--token"]
    shown = ["redis-server", "--requirepass", MASK, "--port", "1", f"--password={MASK}", "--token"]
    assert masked(command, ("command",), CONTAINER) == shown
    labels = {"db.password": "hunter2", "url": "http://u:hunter2@x", "token": "true"}
    assert masked(labels, ("labels",), CONTAINER) == {"db.password": MASK, "url": "http://u:****@x", "token": "true"}
    assert masked("hunter2", ("labels", "db.password"), CONTAINER) == MASK


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        (["curl", "-u", "admin:hunter2", "x"], ["curl", "-u", "admin:****", "x"]),
        (["/usr/bin/mysql", "-phunter2"], ["/usr/bin/mysql", "-p****"]),
        (["docker", "login", "-u", "bob", "-p", "hunter2"], ["docker", "login", "-u", "bob", "-p", "****"]),
        (["sh", "-c", "sshpass -p hunter2 ssh x"], ["sh", "-c", "sshpass -p **** ssh x"]),
        (["curl", "-H", "Authorization: Bearer hunter2"], ["curl", "-H", "Authorization: Bearer ****"]),
        (["docker", "run", "-p", "8080:80"], ["docker", "run", "-p", "8080:80"]),
        (["curl", "-u", None, "a:b"], ["curl", "-u", None, "a:b"]),
        (["curl", "-u"], ["curl", "-u"]),
    ],
)
def test_arguments_of_commands(command: list[object], shown: list[object]) -> None:
    assert masked(command, ("command",), CONTAINER) == shown
    assert masked({"command": command}, (), CONTAINER) == {"command": shown}
    facts = {"command": command}
    assert [masked(one, ("command", at), CONTAINER, facts) for at, one in enumerate(command)] == shown


def test_arguments_after_an_entry_point() -> None:
    facts = {"entrypoint": ["curl", "-u"], "command": ["admin:hunter2", "x"]}
    assert masked(facts, (), CONTAINER) == {"entrypoint": ["curl", "-u"], "command": ["admin:****", "x"]}
    assert masked("admin:hunter2", ("command", 0), CONTAINER, facts) == "admin:****"


def test_arguments_of_a_call() -> None:
    call = {"name": "mysql", "args": ["-phunter2", "x"], "operands": ["x"], "text": "mysql -phunter2 x"}
    shown = {"name": "mysql", "args": ["-p****", "x"], "operands": ["x"], "text": "mysql -p**** x"}
    type_ = kind("dockerfile").type
    assert masked([call], ("commands",), type_) == [shown]
    facts = {"calls": {"mysql": [call]}}
    assert masked(call["args"], ("calls", "mysql", 0, "args"), type_, facts) == ["-p****", "x"]
    assert masked("-phunter2", ("commands", 0, "args", 0), type_, {"commands": [call]}) == "-p****"
    curl = {"name": "curl", "args": ["-u", "admin:hunter2"], "operands": ["admin:hunter2"]}
    assert masked(curl, ("calls", "curl", 0), type_)["operands"] == ["admin:****"]  # type: ignore[index]
