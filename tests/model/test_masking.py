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
    *("KEY=value", "a=b", "MAX_TOKENS: 100", "PASSWORD: $(X)", "passwd", "kind: Secret"),
]


@pytest.mark.parametrize(("text", "wanted"), CONCEALED)
def test_secrets_in_a_text(text: str, wanted: str) -> None:
    assert concealed(text) == wanted
    assert concealed(wanted) == wanted


@pytest.mark.parametrize("text", NOT_CONCEALED)
def test_texts_that_show_no_secret(text: str) -> None:
    assert concealed(text) == text


@given(st.lists(st.sampled_from([*"PASSWORD=hunter2", *" ,:\"'\\{}[]@/?#&*!$~-|\n", "://", "TOKEN", "${", "--pass"])))
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
