"""CEL expressions: a table of expression and facts to verdict, and of every error with its place."""

from __future__ import annotations

from typing import Any

import pytest

from policyengine.documents.scalars import Integer, LegacyBoolean, Number, resolve
from policyengine.errors import EvaluationError, ExpressionError
from policyengine.model.kinds import kind
from policyengine.model.types import (
    BOOLEAN,
    INTEGER,
    LABELS,
    NUMBER,
    STRING,
    STRINGS,
    Field,
    Kind,
    Type,
    list_of,
    map_of,
    object_of,
)
from policyengine.model.unknown import Unknown
from policyengine.policy.expressions import compile_expression
from policyengine.policy.verdict import FAIL, NAMES, PASS, UNKNOWN

CONTAINER = kind("container")
POD = kind("pod")
OPEN = Unknown("image.user", "the image was not looked at")
PARAMETERS: dict[str, tuple[Type, object]] = {
    "allowed": (STRINGS, ["docker.io", "ghcr.io"]),
    "most": (INTEGER, 1000),
    "patterns": (STRINGS, ["^a", "b$"]),
    "limits": (map_of(INTEGER), {"web": 500}),
    "strict": (BOOLEAN, True),
}

ALL = {"target": 80, "published": "80", "host_ip": "0.0.0.0"}
LOCAL = {"target": 81, "published": "81", "host_ip": "127.0.0.1"}

VERDICTS = [
    # scalars, absent ones are null
    ("privileged", {"privileged": True}, PASS),
    ("privileged", {"privileged": False}, FAIL),
    ("!privileged", {"privileged": OPEN}, UNKNOWN),
    ("privileged == null", {}, PASS),
    ("mem_limit != null && mem_limit < 1000", {}, FAIL),
    ("mem_limit != null && mem_limit < 1000", {"mem_limit": 999}, PASS),
    ("mem_limit != null && mem_limit < 1000", {"mem_limit": 1000}, FAIL),
    ("mem_limit != null && mem_limit < 1000", {"mem_limit": OPEN}, UNKNOWN),
    ("mem_limit in [1, 2]", {}, FAIL),
    ("cpus == null || cpus <= 1.5", {"cpus": 1}, PASS),
    ("cpus == null || cpus <= 1.5", {"cpus": 1.6}, FAIL),
    ('user == "app"', {"user": "app"}, PASS),
    ('user == "app"', {}, FAIL),
    ('user != null && user.startsWith("app")', {"user": "application"}, PASS),
    ('user.matches("^[0-9]+(:[0-9]+)?$")', {"user": "1000:1000"}, PASS),
    ('user.matches("^[0-9]+$")', {"user": "app"}, FAIL),
    ('user == "é" || user.size() == 1', {"user": "ü"}, PASS),
    # lists and maps, absent ones are empty
    ("cap_add == []", {}, PASS),
    ('"SYS_ADMIN" in cap_add', {"cap_add": ["NET_RAW", "SYS_ADMIN"]}, PASS),
    ('!("SYS_ADMIN" in cap_add)', {}, PASS),
    ('cap_add.exists(c, c == "ALL")', {"cap_add": OPEN}, UNKNOWN),
    ('cap_add.exists(c, c == "ALL")', {"cap_add": ["ALL", OPEN]}, UNKNOWN),
    ('labels["com.example/team"] == "a"', {"labels": {"com.example/team": "a"}}, PASS),
    ("has(labels.team)", {}, FAIL),
    ("labels.size() == 0", {}, PASS),
    ('environment.all(k, environment[k] == null || !k.contains("PASS"))', {"environment": {"PASS": None}}, PASS),
    ('environment.all(k, environment[k] == null || !k.contains("PASS"))', {"environment": {"PASS": "x"}}, FAIL),
    # objects, and objects in lists
    ('image.tag == "latest"', {"image": {"tag": "latest"}}, PASS),
    ('image["tag"] == "latest"', {"image": {"tag": "1"}}, FAIL),
    ("has(image.digest)", {}, FAIL),
    ("has(image.digest)", {"image": {"digest": None}}, FAIL),
    ('has(image.digest) || image.tag != "latest"', {"image": {"tag": "latest", "digest": "sha256:0"}}, PASS),
    ("!has(healthcheck.disable) || !healthcheck.disable", {"healthcheck": {"disable": True}}, FAIL),
    ("healthcheck.disable", {"healthcheck": {"disable": True}}, PASS),
    ('!ports.exists(p, p.host_ip == "0.0.0.0")', {"ports": [LOCAL, ALL]}, FAIL),
    ('!ports.exists(p, p.host_ip == "0.0.0.0")', {"ports": [LOCAL]}, PASS),
    ('ports.exists(p, p.host_ip == "0.0.0.0")', {"ports": [{**ALL, "host_ip": OPEN}]}, UNKNOWN),
    ("ports.all(p, p.target > 80)", {"ports": [LOCAL, {"target": 80}]}, FAIL),
    ("ports.exists_one(p, p.target == 80)", {"ports": [ALL, LOCAL]}, PASS),
    ("ports.map(p, p.target).exists(t, t == 81)", {"ports": [LOCAL]}, PASS),
    ('ports.filter(p, p.host_ip != "127.0.0.1") == []', {"ports": [LOCAL]}, PASS),
    ("ports[0].target == 80", {"ports": [ALL]}, PASS),
    ("ports.all(p, p.target != 0) && privileged", {"ports": ({"target": 1},), "privileged": True}, PASS),
    # keys that are constant, though not literals; what is mixed, but hides nothing; vocabularies that are left
    ('["tag", "digest"].exists(k, k in image)', {"image": {"digest": "sha256:0"}}, PASS),
    ('["tag", "name"].all(k, image[k] != "x")', {"image": {"tag": "a", "name": "x"}}, FAIL),
    ('{"a": image}["a"].tag == "1"', {"image": {"tag": "1"}}, PASS),
    ('(privileged ? role : "other") == "other"', {"privileged": False, "role": "main"}, PASS),
    ('role + "-x" == "main-x"', {"role": "main"}, PASS),
    ('(["x"] + [role]).exists(r, r == "x")', {"role": "main"}, PASS),
    ('role == "main" && "init" != role', {"role": "main"}, PASS),
    ('role == "main"', {"role": "a reader's own"}, FAIL),
    # what is unknown is absorbed where the rest decides
    ('privileged || user == "root"', {"privileged": OPEN, "user": "root"}, PASS),
    ('privileged || user == "root"', {"privileged": OPEN, "user": "app"}, UNKNOWN),
    ('privileged && user == "root"', {"privileged": OPEN, "user": "app"}, FAIL),
    ("privileged ? true : true", {"privileged": OPEN}, UNKNOWN),
    ("cap_add.all(c, c == user)", {"user": OPEN}, PASS),
    ("cap_add.exists(c, c == user || true)", {"cap_add": ["a"], "user": OPEN}, PASS),
    ("[privileged].size() == 1", {"privileged": OPEN}, UNKNOWN),
    ("privileged || 1 / 0 == 1", {"privileged": OPEN}, UNKNOWN),
    ('image.tag == "latest"', {"image": {"tag": "latest", "digest": OPEN}}, PASS),
    ("has(image.digest)", {"image": {"tag": "latest", "digest": OPEN}}, UNKNOWN),
    ("image == {}", {"image": {"digest": OPEN}}, UNKNOWN),
    ("image.size() == 0", {"image": {"digest": OPEN}}, UNKNOWN),
    # parameters
    ("image.registry in params.allowed", {"image": {"registry": "ghcr.io"}}, PASS),
    ('image.registry in params["allowed"]', {"image": {"registry": "quay.io"}}, FAIL),
    ("mem_limit <= params.most", {"mem_limit": 1001}, FAIL),
    ("params.patterns.exists(p, user.matches(p))", {"user": "zeb"}, PASS),
    ('params.limits["web"] == mem_limit', {"mem_limit": 500}, PASS),
    ("params.strict && name in params.limits", {"name": "web"}, PASS),
    # kinds of their own
    ("true", {}, PASS),
    ("[1, 2].exists(x, x == 2) && {1: 2}[1] == 2", {}, PASS),
    ("\n  // a comment\n  privileged ||\n  true", {}, PASS),
]


@pytest.mark.parametrize(("source", "facts", "verdict"), VERDICTS)
def test_verdict(source: str, facts: dict[str, object], verdict: int) -> None:
    assert NAMES[compile_expression(source, [CONTAINER], PARAMETERS).verdict(facts)] == NAMES[verdict]


A_MAP = "a map of string or null"
MIXED = "only what has the same keys can be mixed"

MISTAKES = [
    ("privilegd", 1, 1, 'unknown field "privilegd"', 'did you mean "privileged"?'),
    ("true ||\n  privilegd", 2, 3, 'unknown field "privilegd"', 'did you mean "privileged"?'),
    ('"é" == user || nme == ""', 1, 16, 'unknown field "nme"', 'did you mean "name"?'),
    ("zzz.a.b == 1", 1, 1, 'unknown field "zzz"', None),
    ('user.startswith("a")', 1, 6, 'unknown function "startswith"', 'did you mean "startsWith"?'),
    ("__not_strictly_false__(privileged)", 1, 23, "unknown function __not_strictly_false__", None),
    ('image.tga == ""', 1, 7, 'unknown key "tga"', 'did you mean "tag"?'),
    ('image . \n tga == ""', 2, 2, 'unknown key "tga"', 'did you mean "tag"?'),
    ("has(image.digst)", 1, 11, 'unknown key "digst"', 'did you mean "digest"?'),
    ('image["tga"] == ""', 1, 8, 'unknown key "tga"', 'did you mean "tag"?'),
    ('"tga" in image', 1, 2, 'unknown key "tga"', 'did you mean "tag"?'),
    ("ports.all(p, p.hostip == user)", 1, 16, 'unknown key "hostip"', 'did you mean "host_ip"?'),
    (
        "ports[0].zzz == 1",
        1,
        10,
        'unknown key "zzz"',
        "known are by_host_network, host_ip, protocol, published, target",
    ),
    ("ports.filter(q, true).all(p, p.hostip == user)", 1, 32, 'unknown key "hostip"', 'did you mean "host_ip"?'),
    ("params.allwed == []", 1, 8, 'unknown parameter "allwed"', 'did you mean "allowed"?'),
    ("image.tag.zzz == 1", 1, 10, "a string has no keys", None),
    ('mem_limit == "x"', 1, 11, "== cannot be applied to integer, string", None),
    ('image == ""', 1, 7, "== cannot be applied to object, string", None),
    ("1 in cap_add", 1, 3, "in cannot be applied to integer, list(string)", None),
    ("cpus > 1", 1, 6, "> cannot be applied to number, integer", "numbers are written with a point: 1.0"),
    (
        "ports.all(p, p.published == 80)",
        1,
        26,
        "a string is never comparable with an integer",
        "a constant is written in the field's type",
    ),
    (
        "ports.map(p, p.published).exists(x, x == 80)",
        1,
        39,
        "a string is never comparable with an integer",
        "a constant is written in the field's type",
    ),
    (
        "ports.exists(p, p.published in [80])",
        1,
        29,
        "a string is never comparable with an integer",
        "a constant is written in the field's type",
    ),
    (
        "params.most == user",
        1,
        13,
        "an integer is never comparable with a string",
        "a constant is written in the field's type",
    ),
    ("ports.all(p, p.host_ip != null)", 1, 24, "a string is never null here", "ask has(...) of a key"),
    ("ports.all(p, p.target.contains('8'))", 1, 16, "an integer stands where a string is needed", None),
    ("ports.all(p, privileged && p.target)", 1, 30, "an integer stands where a boolean is needed", None),
    ("user", 1, 1, "the expression gives no boolean", "compare its value with another"),
    ("image.tag", 1, 1, "the expression gives no boolean", "compare its value with another"),
    ("1 + 1", 1, 1, "the expression gives no boolean", "compare its value with another"),
    ('user.matches("(")', 1, 14, "bad regular expression: missing ): (", None),
    ('user.matches("a") || user.matches("a**")', 1, 35, "bad regular expression: bad repetition operator: **", None),
    (
        "name.matches(user)",
        1,
        14,
        "the pattern of matches() is not constant",
        "write the pattern as a literal or a parameter",
    ),
    ("ports.exists(name, true)", 1, 13, 'the variable "name" hides the field of that name', "rename it"),
    (
        "google.protobuf.Int64Value{value: 1} == 1",
        1,
        1,
        "messages such as google.protobuf.Int64Value cannot be made",
        None,
    ),
    # what would hide a key from being checked
    ("!has(dyn(image).tga)", 1, 6, "dyn() would hide misspelt keys", "leave it out"),
    ("ports.all(p, !has(dyn(p).hostip))", 1, 19, "dyn() would hide misspelt keys", "leave it out"),
    ("!has([null, image][1].tga)", 1, 23, 'unknown key "tga"', 'did you mean "tag"?'),
    ("!has({'a': image}.a.tga)", 1, 21, 'unknown key "tga"', 'did you mean "tag"?'),
    ("!has({'a': image}['a'].tga)", 1, 24, 'unknown key "tga"', 'did you mean "tag"?'),
    ("!has(ports.map(p, {'a': p})[0].a.hostip)", 1, 34, 'unknown key "hostip"', 'did you mean "host_ip"?'),
    ("!has([environment, image][1].tga)", 1, 6, f"{A_MAP} cannot stand beside an object", MIXED),
    ("!has([image, healthcheck][1].tga)", 1, 6, "an object cannot stand beside an object", MIXED),
    ("!has(['a', [image]][1][0].tga)", 1, 6, "a string cannot stand beside a list of object", MIXED),
    ("!has(({'a': environment, 'b': image}).b.tga)", 1, 7, f"{A_MAP} cannot stand beside an object", MIXED),
    ("!has((privileged ? environment : image).tga)", 1, 18, f"{A_MAP} cannot stand beside an object", MIXED),
    ("!has(([image] + [healthcheck])[1].tga)", 1, 15, "a list of object cannot stand beside a list of object", MIXED),
    ("!('t' + 'ga' in image)", 1, 7, "the key of an object is not constant", "write it as a literal"),
    ("image['t' + 'ga'] != ''", 1, 11, "the key of an object is not constant", "write it as a literal"),
    ("!['tag', 'tga'].exists(k, k in image)", 1, 27, 'unknown key "tga"', 'did you mean "tag"?'),
    (
        "image != {'tga': ''}",
        1,
        7,
        "an object is never comparable with a map of string",
        "a constant is written in the field's type",
    ),
    # values that a field never has
    ("role == 'mian'", 1, 9, '"mian" is no value of the field', 'did you mean "main"?'),
    ("'zzz' != role", 1, 1, '"zzz" is no value of the field', "one of main, init, ephemeral"),
    ("role in ['init', 'mian']", 1, 18, '"mian" is no value of the field', 'did you mean "main"?'),
    ("ports.exists(p, p.protocol == 'UDP')", 1, 31, '"UDP" is no value of the field', 'did you mean "udp"?'),
    ("'UDP' in ports.map(p, p.protocol)", 1, 1, '"UDP" is no value of the field', 'did you mean "udp"?'),
    ("privileged ||", 1, 14, "unexpected end of the expression", None),
    ("", 1, 1, "unexpected end of the expression", None),
    ("privileged = true", 1, 12, "token recognition error at: '= '", None),
    ("has(user)", 1, 5, "has() argument must be a field selection", None),
    ("user == '\ud800'", 1, 10, "the expression holds a character that no text may hold", None),
    ("user ==\n'\0'", 2, 2, "the expression holds a character that no text may hold", None),
]


@pytest.mark.parametrize(("source", "line", "column", "message", "hint"), MISTAKES)
def test_mistake(source: str, line: int, column: int, message: str, hint: str | None) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(source, [CONTAINER], PARAMETERS)
    error = caught.value
    assert (error.message, error.line, error.column, error.hint) == (message, line, column, hint)


SECRET = "hunter2"
SECRETS: dict[str, object] = {"environment": {SECRET: SECRET, "PASSWORD": SECRET}, "user": SECRET, "ports": [ALL]}
ABSENT = "an absent field is null: compare it with null first"

FAILURES = [
    ("privileged", "the expression gives no boolean", "an absent field is null"),
    ("!privileged", "! cannot be applied to what is no boolean", ABSENT),
    ("privileged && true", "&& cannot be applied to what is no boolean", ABSENT),
    ("privileged ? true : false", "? : cannot be applied to what is no boolean", ABSENT),
    ("mem_limit < 5", "< cannot be applied to null, integer", ABSENT),
    ('network_mode.startsWith("h")', "startsWith cannot be applied to null, string", ABSENT),
    ('image.tag == "a"', 'there is no key "tag"', "ask has(...) first"),
    ('labels["com.example/team"] == ""', 'there is no key "com.example/team"', "ask has(...) first"),
    ('environment["x" + environment["PASSWORD"]] == ""', "there is no key that is asked for", "ask has(...) first"),
    ("ports.all(p, labels[p.host_ip] == user)", "there is no key that is asked for", "ask has(...) first"),
    ('int(environment["PASSWORD"]) == 1', "a text or number cannot be converted", None),
    ('bool(environment["PASSWORD"])', "a text or number cannot be converted", None),
    ('timestamp(user) < timestamp("2024-01-01T00:00:00Z")', "a text or number cannot be converted", None),
    (
        'timestamp("2024-01-01T00:00:00Z").getHours(user) == 1',
        "the expression cannot be evaluated on these values",
        None,
    ),
    ("ports[1].target == 1", "a list has no item of the index that is asked for", None),
    ("1 / size(labels) == 1", "division by zero", None),
    ("1 % size(labels) == 1", "division by zero", None),
    ("9223372036854775807 + size(user) > 1", "a number is out of range", None),
    ("uint(-size(user)) > 1u", "a number is out of range", None),
    ("{user: 1, user: 2}.size() == 1", "a key stands twice in a map", None),
]


@pytest.mark.parametrize(("source", "message", "hint"), FAILURES)
def test_failed_evaluation_tells_no_value(source: str, message: str, hint: str | None) -> None:
    expression = compile_expression(source, [CONTAINER])
    with pytest.raises(EvaluationError) as caught:
        expression.verdict(SECRETS)
    error = caught.value
    assert (error.message, error.hint) == (message, hint)
    assert SECRET not in str(error)
    assert error.__context__ is None or error.__suppress_context__


def test_an_error_beside_an_unknown_is_told() -> None:
    expression = compile_expression("1 / size(labels) == 1 || privileged", [CONTAINER])
    with pytest.raises(EvaluationError, match="division by zero"):
        expression.verdict({"privileged": OPEN})
    assert expression.verdict({"privileged": True}) == PASS


def _typed(type_: Type) -> Kind:
    return Kind("thing", "a thing", {"x": Field(type_, "x"), "y": Field(STRING, "y")})


MISTYPED = [
    (BOOLEAN, "true", "x is not a boolean"),
    (BOOLEAN, 1, "x is not a boolean"),
    (INTEGER, "1", "x is not an integer"),
    (INTEGER, True, "x is not an integer"),
    (INTEGER, 2**63, "x is an integer of more than 64 bits"),
    (INTEGER, -(2**63) - 1, "x is an integer of more than 64 bits"),
    (NUMBER, True, "x is not a number"),
    (NUMBER, 10**400, "x is too large a number"),
    (STRING, 5, "x is not a string"),
    (STRING, "app\0root", "x holds a NUL character"),
    (STRING, "\udc00", "x holds half of a surrogate pair"),
    (STRINGS, {"a": "b"}, "x is not a list of string"),
    (STRINGS, ["a", None], "an item of x is null where string is declared"),
    (STRINGS, ["a\0"], "x holds a NUL character"),
    (LABELS, ["a"], "x is not a map of string"),
    (LABELS, {"a\0": "b"}, "x holds a NUL character"),
    (object_of(a=Field(LABELS, "")), {"a": {"b": 1}}, "x.a is not a string"),
    (list_of(object_of(a=Field(STRING, ""))), ["a"], "x is not an object"),
]


@pytest.mark.parametrize(("type_", "value", "message"), MISTYPED)
def test_value_that_is_not_of_its_type(type_: Type, value: object, message: str) -> None:
    with pytest.raises(EvaluationError) as caught:
        compile_expression("[x] == [x]", [_typed(type_)]).verdict({"x": value})
    assert str(caught.value) == message


WELL_TYPED: list[tuple[Type, Any, str]] = [
    (INTEGER, resolve("0x10"), "x == 16"),
    (INTEGER, 2**63 - 1, "x == 9223372036854775807"),
    (INTEGER, -(2**63), "x == -9223372036854775808"),
    (NUMBER, resolve("1.10"), "x == 1.1"),
    (NUMBER, 2, "x == 2.0"),
    (NUMBER, resolve("-.inf"), "x < -1e300"),
    (STRING, LegacyBoolean("yes"), 'x == "yes"'),
    (STRINGS, [LegacyBoolean("no")], 'x == ["no"]'),
    (STRINGS, ["\U0001f600"], 'x == ["\U0001f600"]'),
    (LABELS, {LegacyBoolean("y"): LegacyBoolean("n")}, 'x.y == "n"'),
    (object_of(n=Field(NUMBER, ""), i=Field(INTEGER, "")), {"n": 1, "i": Integer(1)}, "x.n == 1.0 && x.i == 1"),
    (object_of(n=Field(NUMBER, "")), {"n": Number(1.5)}, "x.n > 1 && x.n < 2.0"),
    (list_of(list_of(INTEGER)), [[1, 2], []], "x[0].exists(i, i == 2) && x[1] == []"),
    (map_of(list_of(STRING)), {"a": ["b"]}, 'x.a == ["b"]'),
]


@pytest.mark.parametrize(("type_", "value", "source"), WELL_TYPED)
def test_values_are_bound_as_the_model_has_them(type_: Type, value: object, source: str) -> None:
    assert compile_expression(source, [_typed(type_)]).verdict({"x": value}) == PASS


def test_roots_are_the_fields_that_are_read() -> None:
    expression = compile_expression(
        'params.strict && image.tag == "a" && ports.exists(p, p.target > mem_limit)', [CONTAINER], PARAMETERS
    )
    assert expression.roots == {"image", "ports", "mem_limit"}
    assert "docker.io" not in repr(expression)


def test_unknowns_name_what_would_have_to_be_known() -> None:
    expression = compile_expression('image.tag == "a" || privileged || ports.exists(p, p.target == 1)', [CONTAINER])
    facts = {"image": {"tag": OPEN, "digest": OPEN}, "user": OPEN, "ports": [{"target": 1}, {"host_ip": OPEN}]}
    assert list(expression.unknowns(facts)) == [(("image", "tag"), OPEN), (("ports", 1, "host_ip"), OPEN)]
    assert expression.verdict(facts) == UNKNOWN


def test_fields_whose_names_cel_reserves() -> None:
    assert compile_expression('__namespace__ == "shop"', [POD]).verdict({"namespace": "shop"}) == PASS
    assert compile_expression('__namespace__ == "shop"', [POD]).roots == {"namespace"}
    with pytest.raises(ExpressionError) as caught:
        compile_expression('namespace == "shop"', [POD])
    assert str(caught.value) == '1:1: "namespace" is a reserved word of CEL: write __namespace__'


def test_relations_are_fields() -> None:
    expression = compile_expression('related.services.exists(s, s.type == "NodePort")', [POD])
    service = {"type": "NodePort", "namespace": "shop"}
    assert expression.verdict({"related": {"services": [service], "network_policies": OPEN}}) == PASS
    assert expression.verdict({"related": {"services": OPEN}}) == UNKNOWN


def test_several_kinds_share_their_fields() -> None:
    kinds = [CONTAINER, kind("dockerfile")]
    both = 'user == "root" && has(healthcheck.disable) && healthcheck.test == []'
    facts = {"user": "root", "healthcheck": {"disable": True, "test": list[str]()}}
    assert compile_expression(both, kinds).verdict(facts) == PASS
    assert compile_expression('base == "scratch" || privileged', kinds).roots == {"base", "privileged"}


def test_a_field_of_different_types_in_two_kinds() -> None:
    one = Kind("one", "", {"x": Field(STRING, ""), "y": Field(STRING, "")})
    other = Kind("other", "", {"x": Field(list_of(STRING), ""), "y": Field(STRING, "another")})
    assert compile_expression('y == "a"', [one, other]).verdict({"y": "a"}) == PASS
    with pytest.raises(ExpressionError) as caught:
        compile_expression('y == "a" || x == "a"', [one, other])
    assert str(caught.value) == '1:13: "x" has different types in one and other'


def test_a_parameter_that_cannot_be_bound() -> None:
    with pytest.raises(ExpressionError, match="is an integer of more than 64 bits"):
        compile_expression("params.a == 1", [CONTAINER], {"a": (INTEGER, 2**70)})


def test_a_bad_pattern_among_parameters() -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression("params.p.exists(p, user.matches(p))", [CONTAINER], {"p": (STRINGS, ["a", "(b"])})
    assert str(caught.value) == "1:33: bad regular expression: missing ): (b"


def test_null_results_leave_the_interpreter_alone() -> None:
    """The library drops a reference to None when asked for a null result; enough of them end the process."""
    expression = compile_expression("privileged", [CONTAINER])
    for _ in range(20_000):
        with pytest.raises(EvaluationError):
            expression.verdict({})
