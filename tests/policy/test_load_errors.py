"""Whatever is wrong with a policy file is told when it is loaded: where, and what was probably meant.

Each case is a policy in which a mark stands before every character that an error points at, and what the errors say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policyengine.errors import DocumentError
from policyengine.inputs import inputs
from policyengine.policy.library import by_id, load_policies
from policyengine.policy.load import MAX_ERRORS, MAX_TEXT, InvalidPolicyError, policy_data
from policyengine.policy.predicates import CHECKS
from tests.policy.writing import marked, policy, without, written

if TYPE_CHECKING:
    from pathlib import Path

ORIGINS = tuple(inputs())

INPUTS = "accounts, compose, docker, docker_config, dockerfile, firewall, host, kubernetes, ssh, sshd, sudoers"


def require(rules: str) -> str:
    return policy(require=f"require:\n  {rules}")


def parameter(declared: str, rules: str = "privileged: {allowed: [false]}") -> str:
    return policy(parameters=f"parameters:\n  most: {{{declared}, help: h}}", require=f"require:\n  {rules}")


def examples(passing: str, failing: str = "compose: x") -> str:
    return policy(examples=f"examples:\n  pass:\n    - {passing}\n  fail:\n    - {failing}")


def control(text: str) -> str:
    return policy(controls=f"controls:\n  - {{{text}}}")


def asserted(text: str) -> str:
    return policy(assert_=f"assert:\n  - {text}")


def check(text: str, *wanted: str) -> None:
    text, places = marked(text)
    with pytest.raises((InvalidPolicyError, DocumentError)) as caught:
        policy_data("sample.yaml", text, ORIGINS)
    errors = getattr(caught.value, "errors", [caught.value])
    assert [str(error) for error in errors] == [
        f"sample.yaml:{line}:{column}: {message}" for (line, column), message in zip(places, wanted, strict=True)
    ]


NAMES = [
    (policy("▸severty: high"), 'unknown key "severty" (did you mean "severity"?)'),
    (control("▸tol: checkov, id: x, inputs: [kubernetes]"), 'unknown key "tol" (did you mean "tool"?)'),
    (require("▸privilegd: {allowed: [false]}"), 'container has no field "privilegd" (did you mean "privileged"?)'),
    (require('"▸privilegd": {allowed: [false]}'), 'container has no field "privilegd" (did you mean "privileged"?)'),
    (require("image.▸digets: {required: true}"), 'container has no field "digets" (did you mean "digest"?)'),
    (require("ports[].▸host_pi: {required: true}"), 'container has no field "host_pi" (did you mean "host_ip"?)'),
    (require("ports[]?.▸host_pi: {required: true}"), 'container has no field "host_pi" (did you mean "host_ip"?)'),
    (require("▸zzz: {required: true}"), 'container has no field "zzz" (policyengine fields container lists them)'),
    (
        require("▸__class__: {required: true}"),
        'container has no field "__class__" (policyengine fields container lists them)',
    ),
    (require("image: {schema: {▸digst: {required: true}}}"), 'unknown field "digst" (did you mean "digest"?)'),
    (
        require("ports: {schema: {schema: {▸zzz: {required: true}}}}"),
        'unknown field "zzz" (fields here: target, published, host_ip, protocol, by_host_network)',
    ),
    (policy(where="where:\n  ▸usr: {regex: a}"), 'container has no field "usr" (did you mean "user"?)'),
    (asserted("{cel: '!privileged', field: ▸usr}"), 'container has no field "usr" (did you mean "user"?)'),
    (
        asserted("{cel: '!privileged', field: ▸'ports[].target'}"),
        'a finding\'s field is one value: a.b or a["key"]',
    ),
    (require("privileged: {▸alowed: [false]}"), 'unknown constraint "alowed" (did you mean "allowed"?)'),
    (require("user: {anyof: [{▸rgex: a}]}"), 'unknown constraint "rgex" (did you mean "regex"?)'),
    (require("user: {▸matches_an: [a]}"), 'unknown constraint "matches_an" (did you mean "matches_any"?)'),
    (
        require("privileged: {▸zzz: [false]}"),
        'unknown constraint "zzz" (constraints of a boolean: allowed, forbidden, required, nullable, type, '
        "dependencies, excludes, allof, anyof, noneof, oneof)",
    ),
    (
        require("user: {check_with: ▸unprivileged_usr}"),
        'unknown predicate "unprivileged_usr" (did you mean "unprivileged_user"?)',
    ),
    (
        require("user: {check_with: [digest_pinned, ▸zzz]}"),
        f'unknown predicate "zzz" (predicates here: {", ".join(CHECKS)})',
    ),
    (
        require("environment{}: {check_with: ▸no_literal_secrt}"),
        'unknown predicate "no_literal_secrt" (did you mean "no_literal_secret"?)',
    ),
    (
        require("user: {▸in_format: [a=url]}"),
        "in_format looks at the key too: it stands on the values of a map, after {}",
    ),
    (
        require("labels{}: {in_format: [▸a=zzz]}"),
        'in_format cannot use "a=zzz" (for example in_format: ["org.opencontainers.image.created=rfc3339"])',
    ),
    (
        require("cap_add: {check_with: ▸unprivileged_user}"),
        "unprivileged_user looks at one value (constrain the items: write [] after the field)",
    ),
    (
        require("cap_add[]: {check_with: ▸no_secret_in_words}"),
        "no_secret_in_words looks at a whole list: it stands on the list, without []",
    ),
    (
        require("ports: {▸check_with: no_secret_in_words}"),
        "check_with does not apply to a list of object (constrain the items: write [] after the field)",
    ),
    (
        require("user: {check_with: ▸within_cidr}"),
        "within_cidr takes an argument (it is a constraint: within_cidr: [10.0.0.0/8])",
    ),
    (
        require("user: {check_with: ▸no_literal_secret}"),
        "no_literal_secret looks at the key too: it stands on the values of a map, after {}",
    ),
    (
        parameter("type: list, default: []", "user: {forbidden: ▸!param mst}"),
        'undeclared parameter "mst" (did you mean "most"?)',
    ),
    (require("user: {forbidden: ▸!param mst}"), 'undeclared parameter "mst" (declare it under parameters)'),
    (parameter("type: ▸lst, default: []"), '"lst" is no type (did you mean "list"?)'),
    (parameter("type: list, items: ▸strng, default: []"), '"strng" is no type of items (did you mean "string"?)'),
    (
        parameter("type: string, allowed: [init, main], default: ▸mian", "role: {forbidden: [ephemeral]}"),
        'the default of most may not be "mian" (did you mean "main"?)',
    ),
    (
        parameter("type: list, allowed: [init, ▸3], default: []", "role: {forbidden: [ephemeral]}"),
        "what most may be should be a string",
    ),
    (parameter("type: string, allowed: ▸[], default: a", "role: {forbidden: [ephemeral]}"), "allowed: min length is 1"),
    (
        policy(
            parameters="parameters:\n  most: {type: string, allowed: [root, nobody], default: root, help: h}",
            require="require:\n  user: {forbidden: [x]}",
        )
        + "      parameters: {most: ▸rot}\n",
        'most may not be "rot" (did you mean "root"?)',
    ),
    (
        policy(parameters="parameters:\n  ▸Most: {type: list, default: [], help: h}"),
        '"Most" is no name of a parameter (lower-case letters, digits and _)',
    ),
    (policy(where="where:\n  role: {allowed: [▸mian]}"), '"mian" is no value of the field (did you mean "main"?)'),
    (require("role: {forbidden: [main, ▸zzz]}"), '"zzz" is no value of the field (one of main, init, ephemeral)'),
    (require("ports[].protocol: {forbidden: [▸UDP]}"), '"UDP" is no value of the field (did you mean "udp"?)'),
    (require("user: {dependencies: {role: [▸mian]}}"), '"mian" is no value of the field (did you mean "main"?)'),
    (
        policy(target="target: network_policy", require="require:\n  policy_types: {contains: ▸ingress}"),
        '"ingress" is no value of the field (did you mean "Ingress"?)',
    ),
    (
        parameter("type: list, default: [init, mian]", "role: {▸forbidden: !param most}"),
        '"mian" is no value of the field (did you mean "main"?)',
    ),
    (policy(severity="severity: ▸hihg"), '"hihg" is no severity (did you mean "high"?)'),
    (policy(severity="severity: ▸zzz"), '"zzz" is no severity (one of critical, high, medium, low, info)'),
    (policy(category="category: ▸runtim"), '"runtim" is no category (did you mean "runtime"?)'),
    (policy(version="version: ▸2"), '"2" is no version (write version: 1)'),
    (policy(target="target: ▸containr"), 'unknown kind "containr" (did you mean "container"?)'),
    (policy(target="target: [container, ▸containr]"), 'unknown kind "containr" (did you mean "container"?)'),
    (
        control("tool: checkov, id: x, inputs: [▸kubernets]"),
        'unknown input kind "kubernets" (did you mean "kubernetes"?)',
    ),
    (
        control("tool: checkov, id: x, inputs: [compose, ▸zzz]"),
        f'unknown input kind "zzz" (input kinds: {INPUTS})',
    ),
    (policy("remedy: {▸kubernets: x}"), 'unknown input kind "kubernets" (did you mean "kubernetes"?)'),
    (examples("▸compos: x"), 'unknown input kind or option "compos" (did you mean "compose"?)'),
    (examples("compose: x\n      ▸lin: 4"), 'unknown input kind or option "lin" (did you mean "line"?)'),
    (
        examples("compose: x\n      parameters: {▸foo: 1}"),
        'undeclared parameter "foo" (declare it under parameters)',
    ),
    (policy(id="id: ▸other"), 'the id "other" is not the file\'s name (name the file other.yaml)'),
    (policy(id="id: ▸acme/other"), 'the id "acme/other" is not the file\'s name (name the file other.yaml)'),
    (
        policy(id="id: ▸Sample"),
        '"Sample" is no id (lower-case letters, digits and hyphens; an organisation may stand before: acme/no-root)',
    ),
    (
        policy(message='message: "{▸nam} is"'),
        'unknown placeholder "{nam}": container has no field "nam" (did you mean "name"?)',
    ),
    (
        policy(message="message: >-\n  a\n  b {▸nam} is"),
        'unknown placeholder "{nam}": container has no field "nam" (did you mean "name"?)',
    ),
    (
        policy(message="message: '{{nam}} {▸ports[].target}'"),
        'a message can show one value: "ports[].target" selects several',
    ),
    (
        asserted("{cel: '!privileged', message: '{▸image.tga}'}"),
        'unknown placeholder "{image.tga}": container has no field "tga" (did you mean "tag"?)',
    ),
]


@pytest.mark.parametrize(("text", "message"), NAMES)
def test_misspelt_name(text: str, message: str) -> None:
    check(text, message)


TYPES = [
    (
        require("privileged: {allowed: [false, ▸0]}"),
        "0 is no boolean, and the field is a boolean (write true or false)",
    ),
    (
        require('privileged: {allowed: [▸"false"]}'),
        '"false" is no boolean, and the field is a boolean (write true or false)',
    ),
    (
        require("privileged: {forbidden: [▸yes]}"),
        '"yes" is no boolean, and the field is a boolean (write true or false)',
    ),
    (require("privileged: {allowed: ▸false}"), "allowed takes a list of boolean values (write [false])"),
    (require("mem_limit: {allowed: [▸true]}"), "true is no integer, and the field is an integer"),
    (
        require("mem_limit: {allowed: [▸'5']}"),
        '"5" is no integer, and the field is an integer (write it without quotes)',
    ),
    (require("mem_limit: {allowed: [▸1.5]}"), "1.5 is no integer, and the field is an integer"),
    (require("user: {allowed: [▸null]}"), "null is no string, and the field is a string (nullable: true allows null)"),
    (
        require("cap_add: {allowed: [ALL, ▸5]}"),
        "5 is no string, and the field is a list of string (write it in quotes)",
    ),
    (require("cap_add[]: {allowed: [▸1.10]}"), "1.1 is no string, and the field is a string (write it in quotes)"),
    (require("cap_add: {contains: ▸5}"), "5 is no string, and the field is a list of string (write it in quotes)"),
    (require("cap_add: {contains: ▸[]}"), "contains takes at least one value"),
    (require("user: {allowed: ▸[]}"), "allowed takes at least one value"),
    (require("user: {forbidden: ▸[]}"), "forbidden takes at least one value"),
    (require("labels: {contains: ▸[]}"), "contains takes at least one value"),
    (require("user: {dependencies: {user: ▸[]}}"), "dependencies takes at least one value"),
    (
        require("user: {matches_any: ▸[]}"),
        "matches_any takes at least one value (for example matches_any: [ghcr.io/acme/*])",
    ),
    (
        require("user: {within_cidr: ▸[]}"),
        "within_cidr takes at least one value (for example within_cidr: [10.0.0.0/8])",
    ),
    (require("user: {anyof: ▸[]}"), "anyof takes a list of constraints"),
    (require("user: {check_with: ▸[]}"), "check_with takes at least one predicate"),
    (
        require("ports[]: {▸allowed: [a]}"),
        "allowed does not apply to an object (constrain its fields: write one after the field, with a dot)",
    ),
    (
        require("ports: {▸allowed: [a]}"),
        "allowed does not apply to a list of object (constrain the fields of the items)",
    ),
    (require("user: {▸min: 5}"), "min does not apply to a string (use minlength or maxlength, or regex)"),
    (
        require("mem_limit: {▸regex: a}"),
        "regex does not apply to an integer (constraints of an integer: allowed, forbidden, min, max, required, "
        "nullable, type, dependencies, excludes, allof, anyof, noneof, oneof)",
    ),
    (
        require("cap_add: {▸regex: a}"),
        "regex does not apply to a list of string (constrain the items: write [] after the field)",
    ),
    (
        require("labels: {▸regex: a}"),
        "regex does not apply to a map of string (use keysrules or valuesrules, or write {} after the field)",
    ),
    (
        require("ports: {▸matches_any: [a]}"),
        "matches_any does not apply to a list of object (constrain the items: write [] after the field)",
    ),
    (
        require('mem_limit: {min: ▸"5"}'),
        'min takes a number, not "5"; the field is an integer (write it without quotes)',
    ),
    (require("mem_limit: {min: ▸true}"), "min takes a number, not true; the field is an integer"),
    (require("mem_limit: {min: ▸.nan}"), "min takes a finite number"),
    (require("cpus: {max: ▸-.inf}"), "max takes a finite number"),
    (require("cpus: {max: ▸1e999}"), "max takes a finite number"),
    (require("cap_add: {minlength: ▸-1}"), "minlength takes a length, not -1"),
    (require("cap_add: {maxlength: ▸1.5}"), "maxlength takes a length, not 1.5"),
    (require("cap_add: {empty: ▸maybe}"), 'empty takes true or false, not "maybe"'),
    (require("user: {required: ▸1}"), "required takes true or false, not 1"),
    (
        require("user: {anyof: [{▸required: true}]}"),
        "required stands on a field, or on a key of a map "
        "(minlength: 1 asks for items; in anyof and its like, write required beside them)",
    ),
    (
        require("cap_add[]: {▸required: true}"),
        "required stands on a field, or on a key of a map "
        "(minlength: 1 asks for items; in anyof and its like, write required beside them)",
    ),
    (require("user: {type: ▸integer}"), "the field is a string (its type is string)"),
    (require("user: {regex: ▸5}"), "regex takes a pattern, not 5"),
    (
        require("user: {within_cidr: ▸10.0.0.0/8}"),
        "within_cidr takes a list of strings (for example within_cidr: [10.0.0.0/8])",
    ),
    (
        require("user: {within_cidr: [10.0.0.0/8, ▸root]}"),
        'within_cidr cannot use "root" (for example within_cidr: [10.0.0.0/8])',
    ),
    (
        require("user: {semver_at_least: ▸latest}"),
        'semver_at_least cannot use "latest" (for example semver_at_least: "1.2")',
    ),
    (require("user: {semver_at_least: ▸1.2}"), 'semver_at_least takes a string (for example semver_at_least: "1.2")'),
    (require("user: {anyof: [▸5]}"), "constraints are a mapping of rules: {allowed: [...]}"),
    (require("user: ▸{}"), "no constraint is given (required: true asks only that the field is there)"),
    (require("user: ▸5"), "constraints are a mapping of rules: {allowed: [...]}"),
    (require("user: {dependencies: ▸imag}"), 'unknown field "imag" (did you mean "image"?)'),
    (require("user: {dependencies: [privileged, ▸imag]}"), 'unknown field "imag" (did you mean "image"?)'),
    (
        require("user: {dependencies: {privileged: [▸'yes']}}"),
        '"yes" is no boolean, and the field is a boolean (write true or false)',
    ),
    (
        require("user: {dependencies: {image.tag: [▸5]}}"),
        "5 is no string, and the field is a string (write it in quotes)",
    ),
    (require("user: {dependencies: {▸image.tga: [a]}}"), 'unknown field "image.tga" (did you mean "tag"?)'),
    (require("user: {excludes: [▸usr]}"), 'unknown field "usr" (did you mean "user"?)'),
    (
        require('labels["a"]: {▸excludes: b}'),
        "excludes speaks of other fields of an object: it stands on a field",
    ),
    (require("labels.▸team: {required: true}"), 'keys of a map are written ["team"]'),
    (
        require("cap_add▸{}: {empty: true}"),
        "{} stands after a map, and this is a list of string (after a list stand [] or []?)",
    ),
    (require("user.▸name: {empty: true}"), "string has no fields (policyengine fields container lists them)"),
    (
        require("privileged▸..a: {empty: true}"),
        'malformed field path "privileged..a" (write a.b, a[].b, a[]?.b, a{} or a["key"])',
    ),
    (require("'▸[]': {empty: true}"), 'a field path starts with a field, not "[]"'),
    (require("'▸': {empty: true}"), 'a field path starts with a field, not ""'),
    (require("▸5: {empty: true}"), 'malformed field path "5" (write a.b, a[].b, a[]?.b, a{} or a["key"])'),
    (require("ports[].target▸[]: {min: 1}"), "[] stands after a list, and this is an integer"),
    (policy(version="version: ▸true"), "version should be an integer (write version: 1)"),
    (policy(version="version: ▸1.0"), "version should be an integer (write version: 1)"),
    (examples("compose: x\n      line: ▸true"), "line should be an integer"),
    (policy(require="▸require: [a]"), "require should be a mapping"),
    (policy(title="title: ▸5"), "title should be a text (write it in quotes)"),
    (policy(title="▸title: ''"), "title is empty"),
    (policy(target="target: ▸5"), "target should be a kind of resource, or a list of them"),
    (policy(message="message: ▸!param most"), "message should be a text"),
    (control("benchmark: CIS, version: ▸1.7, id: '5'"), "version should be a text (write it in quotes)"),
    (control("▸benchmark: CIS, id: '5'"), 'benchmark needs "version" beside it'),
    (control("▸tool: checkov, id: '5'"), 'tool needs "inputs" beside it'),
    (control("▸id: '5'"), "a control names a benchmark and its version, or a tool and its inputs"),
    (examples("compose: x\n      line: ▸0"), "line: min value is 1"),
    (examples("compose: x\n      ▸parameters: [a]"), "parameters should be a mapping"),
    (
        examples("▸compose: x\n      docker: x"),
        f"an example has one input (input kinds: {INPUTS})",
    ),
    (
        examples("▸name: x"),
        f"an example has one input (input kinds: {INPUTS})",
    ),
    (examples("▸compose: {services: {}}"), "the compose input is text (write compose: |)"),
]


@pytest.mark.parametrize(("text", "message"), TYPES)
def test_wrong_type(text: str, message: str) -> None:
    check(text, message)


TAGS = "policies know !param; a text that begins with ! stands in quotes"
PARAMETERS = [
    (parameter("type: integer, default: ▸ten"), "the default of most should be an integer"),
    (parameter("type: list, ▸default: [5]"), "the default of most should be a list of string"),
    (
        parameter("type: list, items: integer, default: []", "user: {forbidden: ▸!param most}"),
        "the parameter is a list of integer, and the field is a string",
    ),
    (
        parameter("type: integer, default: 5", "user: {forbidden: [▸!param most]}"),
        "5 is no string, and the field is a string (write it in quotes)",
    ),
    (
        parameter("type: string, default: '5'", "mem_limit: {max: ▸!param most}"),
        'max takes a number, not "5"; the field is an integer (write it without quotes)',
    ),
    (
        parameter("type: list, items: integer, default: []", "user: {matches_any: ▸!param most}"),
        "matches_any takes a list of strings (for example matches_any: [ghcr.io/acme/*])",
    ),
    (
        parameter("type: boolean, default: false", "cap_add: {minlength: ▸!param most}"),
        "minlength takes a length, not false",
    ),
    (
        policy(parameters="parameters:\n  ▸most: {type: integer, default: 5}"),
        '"help" is missing',
    ),
    (
        policy(
            parameters="parameters:\n  most: {type: integer, default: 5, help: h}",
            assert_="assert:\n  - cel: mem_limit < params.▸mst",
        ),
        'unknown parameter "mst" (did you mean "most"?)',
    ),
    (
        examples("compose: x\n      parameters: {▸most: 1}"),
        'undeclared parameter "most" (declare it under parameters)',
    ),
    (require("user: {forbidden: [▸!param Bad-name]}"), "!param takes the name of a parameter"),
    (require("user: {forbidden: [▸!param 5]}"), "!param takes the name of a parameter"),
    (require("user: {regex: ▸!parm most}"), f'unknown tag "!parm": {TAGS}'),
    (require("user: {allowed: !parm [root▸]}"), f'unknown tag "!parm": {TAGS}'),
    (asserted("cel: ▸!privileged"), f'unknown tag "!privileged": {TAGS}'),
    (policy("x: ▸!!timestamp 2020-01-01"), f'unknown tag "tag:yaml.org,2002:timestamp": {TAGS}'),
]


@pytest.mark.parametrize(("text", "message"), PARAMETERS)
def test_parameters(text: str, message: str) -> None:
    check(text, message)


def test_a_list_parameter_fits_though_its_default_is_empty() -> None:
    text = parameter("type: list, items: integer, default: []", "mem_limit: {forbidden: !param most}")
    assert policy_data("sample.yaml", text, ORIGINS)["id"] == "sample"


RE2 = "regular expressions are RE2: no look-around and no back-references; they match the whole text"
PATTERNS = [
    ("▸'('", "missing ): ("),
    ("▸'(?!root).*'", "invalid perl operator: (?!"),
    ("▸'(?<=a)b'", "invalid perl operator: (?<="),
    ("▸'(a)\\1'", "invalid escape sequence: \\1"),
    ("▸'a**'", "bad repetition operator: **"),
    ("▸'a{1001}'", "invalid repetition size: {1001}"),
    ("▸'((a{99}){99}){99}'", "invalid repetition size: {99}"),
    ("▸'[b-a]'", "invalid character class range: b-a"),
]


@pytest.mark.parametrize(("pattern", "reason"), PATTERNS)
def test_bad_regex(pattern: str, reason: str) -> None:
    check(require(f"user: {{regex: {pattern}}}"), f"bad regex: {reason} ({RE2})")


MEANT = 'unknown field "usr" (did you mean "user"?)'
EXPRESSIONS = [
    ("cel: ▸usr == 'b'", MEANT),
    ("cel: user == 'a' || ▸usr == 'b'", MEANT),
    ("cel: user == 'a'\n      || ▸usr == 'b'", MEANT),
    ("cel: user == 'é' || ▸usr == 'b'", MEANT),
    ("cel: \"user == 'a' || ▸usr == 'b'\"", MEANT),
    ('cel: "user == \\"a\\" || ▸usr == \'b\'"', MEANT),
    ('cel: "user == \\"\\x41\\u00e9\\" ||\\t\\n▸usr == \'b\'"', MEANT),
    ("cel: \"user == 'a' ||\n\n      \\\n      ▸usr == 'b'\"", MEANT),
    ("cel: \"us\\\n      er == 'a' || ▸usr == 'b'\"", MEANT),
    ("cel: 'user == ''a'' || ▸usr == ''b'''", MEANT),
    ("cel: 'user == ''a'' ||\n\n      ▸usr == ''b'''", MEANT),
    ("cel: |\n      ▸usr == 'a'", MEANT),
    ("cel: |\n      user == 'a' ||\n        ▸usr == 'b'", MEANT),
    ("cel: |2\n        user == 'a' || ▸usr == 'b'", MEANT),
    ("cel: >-\n      user == 'a' ||\n      ▸usr == 'b'", MEANT),
    ("cel: >\n      user == 'a' ||\n\n        user == 'b' ||\n        ▸usr == 'b'", MEANT),
    ("cel: &x |-  # why\n\n      user == 'a' || ▸usr == 'b'", MEANT),
    ("cel: !!str user == 'a' || ▸usr == 'b'", MEANT),
    ("{cel: user == 'a' || ▸usr == 'b'}", MEANT),
    ("cel: &x user == 'a' || ▸usr == 'a'\n  - cel: ▸*x", MEANT, MEANT),
    ("cel: image.▸tga == 'a'", 'unknown key "tga" (did you mean "tag"?)'),
    ("cel: |\n      ports.exists(p,\n        p.▸hostip == 'a')", 'unknown key "hostip" (did you mean "host_ip"?)'),
    (
        "cel: |\n      ports.exists(p, p.protocol == 'udp')\n      && mem_limit ▸< 'a'",
        "< cannot be applied to integer, string",
    ),
    ("cel: privileged ||▸", "unexpected end of the expression"),
    ('cel: "privileged ||▸"', "unexpected end of the expression"),
    ("cel: |\n      privileged ||▸\n", "unexpected end of the expression"),
    ("cel: |\n      privileged\n      ||▸\n\n", "unexpected end of the expression"),
]


@pytest.mark.parametrize("case", EXPRESSIONS, ids=[case[0] for case in EXPRESSIONS])
def test_expressions_point_inside(case: tuple[str, ...]) -> None:
    check(asserted(case[0]), *case[1:])


FILES = [
    ("▸", "a policy file is a mapping (begin with version: 1)"),
    ("▸# nothing\n", "a policy file is a mapping (begin with version: 1)"),
    ("▸- a\n", "a policy file is a mapping (begin with version: 1)"),
    ("▸text\n", "a policy file is a mapping (begin with version: 1)"),
    (policy() + "---\n▸" + policy(), "a second document: a policy file is one (one policy per file)"),
    (policy("▸id: sample"), 'duplicate key "id"'),
    (require("privileged: {allowed: [false], ▸allowed: [true]}"), 'duplicate key "allowed"'),
    (require("? ▸[a]\n  : {required: true}"), "a mapping or a sequence cannot be a key"),
    ("▸" + without("severity"), '"severity" is missing (one of critical, high, medium, low, info)'),
    ("▸" + without("id"), '"id" is missing'),
    ("▸" + without("target"), '"target" is missing'),
    ("▸" + without("examples"), '"examples" is missing'),
    ("▸" + without("require"), "the policy demands nothing (give it require, assert or flows)"),
    (policy(examples="▸examples:\n  pass:\n    - compose: x"), "there is no failing example (examples: {fail: [...]})"),
    (
        policy(examples="▸examples:\n  pass: []\n  fail:\n    - compose: x"),
        "there is no passing example (examples: {pass: [...]})",
    ),
    (
        policy(examples="▸examples:\n  pass:\n  fail:\n    - compose: x"),
        "there is no passing example (examples: {pass: [...]})",
    ),
    (policy(examples="▸examples:"), "examples is empty"),
    (policy("flows: ▸[]"), "flows should be a mapping"),
    (
        policy("▸flows: {from: internet}"),
        "flows demands nothing (give it one of accepts_only, reaches_only, never_reaches, must_reach)",
    ),
    (
        policy("flows: {never_reaches: internet, ▸from: internet}"),
        "from needs accepts_only beside it (it says whose "
        "traffic accepts_only is about; the items of never_reaches and must_reach have their own)",
    ),
    (policy("flows: {▸accept_only: []}"), 'unknown key "accept_only" (did you mean "accepts_only"?)'),
    (policy("flows: {accepts_only: ▸tcp/443}"), "accepts_only should be a list"),
    (policy("flows: {accepts_only: [{▸form: internet}]}"), 'unknown key "form" (did you mean "from"?)'),
    (policy("flows: {accepts_only: [{▸from: {servce: db}}]}"), 'from: unknown key "servce" (did you mean "service"?)'),
    (
        policy("flows: {accepts_only: [{from: ▸443}]}"),
        "from: should name places (a zone, an address, 10.0.0.0/8, {service: db}, or a list of these)",
    ),
    (
        policy("flows: {accepts_only: [{from: ▸10.0.0.0/33}]}"),
        '"10.0.0.0/33" is neither a zone nor an address (a container is {name: ...})',
    ),
    (
        policy("flows: {accepts_only: [{from: [internet, {cidr: ▸fe80}]}]}"),
        '"fe80" is no address and no network (for example 10.0.0.0/8 or 2001:db8::/32)',
    ),
    (
        policy("flows: {accepts_only: [{from: {cidr: ▸'fe80::1%eth0'}}]}"),
        '"fe80::1%eth0" is no address and no network (for example 10.0.0.0/8 or 2001:db8::/32)',
    ),
    (
        policy("flows: {accepts_only: [{from: {zone: ▸Office}}]}"),
        '"Office" is no name of a zone (lower-case letters, digits, - and _)',
    ),
    (
        policy("flows: {accepts_only: [{▸from: {zone: office, name: web}}]}"),
        "zone stands alone (what is told by its address is not told by its name; list both)",
    ),
    (policy("flows: {accepts_only: [{ports: ▸443}]}"), "ports should be ports such as tcp/443, or a list of them"),
    (
        policy('flows: {accepts_only: [{ports: [▸"443"]}]}'),
        '"443" is no protocol and port (write tcp/443, udp/8000-8010, tcp or icmp)',
    ),
    (
        policy("flows: {accepts_only: [{ports: ▸tcp/70000}]}"),
        '"tcp/70000" is no protocol and port (write tcp/443, udp/8000-8010, tcp or icmp)',
    ),
    (
        policy("flows: {accepts_only: [{ports: [icmp, ▸icmp/8]}]}"),
        '"icmp/8" is no protocol and port (write tcp/443, udp/8000-8010, tcp or icmp)',
    ),
    (
        policy("flows: {accepts_only: [{ports: [▸tcp/90-80]}]}"),
        '"tcp/90-80" is no protocol and port (write tcp/443, udp/8000-8010, tcp or icmp)',
    ),
    (policy("flows: {must_reach: [{▸ports: [tcp/80]}]}"), '"to" is missing'),
    (policy("flows: {must_reach: ▸[]}"), "must_reach: min length is 1"),
    (
        policy("flows: {accepts_only: [{ports: ▸!param shown}]}"),
        'undeclared parameter "shown" (declare it under parameters)',
    ),
    (
        policy("parameters: {p: {type: list, ▸default: [443], help: h}}\nflows: {accepts_only: [{ports: !param p}]}"),
        "the default of p should be a list of string",
    ),
    ("▸" + "#" * MAX_TEXT + "\n", "larger than 512 KiB"),
    (require("user: {allowed: [▸*nowhere]}"), "there is no anchor of this name before this alias"),
]


def remediate(text: str) -> str:
    return policy(f"remediate: {{safety: safe, {text}}}")


REMEDIATIONS = [
    (policy("▸remediate: {set: {privileged: false}}"), '"safety" is missing (one of safe, unsafe)'),
    (
        policy("remediate: {safety: ▸harmless, remove: [pid]}"),
        '"harmless" is no safety (one of safe, unsafe)',
    ),
    (policy("▸remediate: {safety: safe}"), "it changes nothing (give it set, add, remove or image)"),
    (remediate("set: {▸privilegd: false}"), 'container has no field "privilegd" (did you mean "privileged"?)'),
    (
        remediate("set: {privileged: ▸0}"),
        "0 is no boolean, and the field is a boolean (write true or false)",
    ),
    (remediate('set: {▸"ports[]?.host_ip": x}'), 'what is changed is a value: a.b, a[].b or a["key"]'),
    (remediate("add: {▸user: [x]}"), "add is for lists, and this is a string (set gives a field a value)"),
    (
        remediate("add: {cap_drop: [▸1]}"),
        "1 is no string, and the field is a string (write it in quotes)",
    ),
    (remediate("add: {cap_drop: ▸ALL}"), "cap_drop should be a list"),
    (
        remediate('remove: ["ports[].▸adress"]'),
        'container has no field "adress" (policyengine fields container lists them)',
    ),
    (remediate("image: {pin: ▸newest}"), '"newest" is no pin (one of served, running)'),
    (
        remediate("▸image: {pin: served, upgrade: {within: patch}}"),
        "an image is mended in one way (give pin, upgrade or rebuild)",
    ),
    (remediate("image: {upgrade: ▸{}}"), '"within" is missing (one of same-tag, patch, minor)'),
    (
        remediate("image: {upgrade: {within: ▸major}}"),
        '"major" is no within (did you mean "minor"?)',
    ),
    (
        remediate("image: {upgrade: {within: patch, registry: ▸elsewhere}}"),
        "registry should be mapped, or a mapping of registries to others",
    ),
    (remediate("image: {▸rebuild: {remove_setuid: false}}"), "the layer changes nothing"),
    (remediate("image: {rebuild: {user: ▸'$U'}}"), '"$U" is no user (UID:GID)'),
    (
        remediate("image: {rebuild: {remove: [▸bin/su]}}"),
        '"bin/su" is no path (/path, or package-managers)',
    ),
    (remediate("image: {rebuild: {files: {▸/etc/../x: ''}}}"), '"/etc/../x" is no path of a file (/path)'),
    (
        policy(
            "remediate: {safety: safe, ▸image: {pin: served}}",
            target="target: pod",
            require="require:\n  host_pid: {allowed: [false]}",
            message="message: '{name}'",
        ),
        "what is judged has no image (that have container, image, image_ref)",
    ),
    (remediate("▸replace: {}"), 'unknown key "replace" (known here: safety, set, add, remove, image)'),
]


@pytest.mark.parametrize(("text", "message"), REMEDIATIONS)
def test_remediations(text: str, message: str) -> None:
    check(text, message)


@pytest.mark.parametrize(("text", "message"), FILES)
def test_files(text: str, message: str) -> None:
    check(text, message)


def test_every_error_is_told_in_the_order_of_the_text() -> None:
    check(
        policy(
            "▸severty: high",
            severity="severity: ▸hihg",
            controls="controls:\n  - {tool: checkov, id: a, inputs: [▸kubernets]}",
            where="where:\n  ▸usr: {regex: a}",
            require="require:\n  user: {▸alowed: [a], regex: ▸'('}\n  ▸privilegd: {allowed: [false]}",
            assert_="assert:\n  - cel: ▸usr == 'a'",
            message="message: '{▸nam} {▸usr}'",
            examples="▸examples:\n  pass:\n    - ▸compos: x",
        ),
        '"hihg" is no severity (did you mean "high"?)',
        'unknown input kind "kubernets" (did you mean "kubernetes"?)',
        'container has no field "usr" (did you mean "user"?)',
        'unknown constraint "alowed" (did you mean "allowed"?)',
        f"bad regex: missing ): ( ({RE2})",
        'container has no field "privilegd" (did you mean "privileged"?)',
        MEANT,
        'unknown placeholder "{nam}": container has no field "nam" (did you mean "name"?)',
        'unknown placeholder "{usr}": container has no field "usr" (did you mean "user"?)',
        "there is no failing example (examples: {fail: [...]})",
        'unknown input kind or option "compos" (did you mean "compose"?)',
        'unknown key "severty" (did you mean "severity"?)',
    )


def test_not_all_of_very_many_errors_are_told() -> None:
    text = policy(require="require:\n" + "\n".join(f"  zz{number}: {{required: true}}" for number in range(80)))
    with pytest.raises(InvalidPolicyError) as caught:
        policy_data("sample.yaml", text, ORIGINS)
    assert len(caught.value.errors) == MAX_ERRORS + 1
    assert str(caught.value.errors[-1]) == f"sample.yaml:{9 + MAX_ERRORS}:3: and more errors from here on"


def test_every_target_must_have_the_field() -> None:
    check(
        policy(target="target: [container, pod]", message="message: '{▸image.tag}'"),
        'unknown placeholder "{image.tag}": pod has no field "image" (policyengine fields pod lists them)',
    )


UNREADABLE = [
    (b"\xff\xfe\x00\x00", None),
    (policy().encode().replace(b"Because", b"caf\xe9"), "sample.yaml:6: not UTF-8 text (save it as UTF-8)"),
    (b"\x00\x01\x02\x7fELF", None),
    (b"a: \x07", None),
    (policy().encode("utf-16"), ""),
    (b"\xef\xbb\xbf" + policy().encode(), ""),
]


@pytest.mark.parametrize(("data", "message"), UNREADABLE)
def test_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: bytes, message: str | None) -> None:
    """None: some error with its place; empty: none."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sample.yaml").write_bytes(data)
    policies, errors = load_policies(tmp_path, ORIGINS)
    assert (len(policies), len(errors)) == ((1, 0) if message == "" else (0, 1))
    if message:
        assert str(errors[0]) == message
    elif message is None:
        assert str(errors[0]).startswith("sample.yaml:1")


def test_two_files_with_one_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path / "a", policy())
    written(tmp_path / "b", policy())
    policies, errors = load_policies(tmp_path, ORIGINS)
    assert not errors
    with pytest.raises(Exception, match="is taken by") as caught:
        by_id(policies)
    assert str(caught.value) == (
        'b/sample.yaml:2:5: the id "sample" is taken by a/sample.yaml (put your organisation before it: acme/sample)'
    )


def test_an_alias_that_is_anothers_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path, policy())
    written(tmp_path, policy("aliases: [old, sample]", id="id: younger"), "younger")
    policies, errors = load_policies(tmp_path, ORIGINS)
    assert not errors
    with pytest.raises(Exception, match="is taken by") as caught:
        by_id(policies)
    assert str(caught.value) == (
        'younger.yaml:17:16: the id "sample" is taken by sample.yaml (put your organisation before it: acme/sample)'
    )


def test_one_wrong_file_leaves_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path, policy())
    written(tmp_path, "a: [\n", "wrong")
    policies, errors = load_policies(tmp_path, ORIGINS)
    assert [one.id for one in policies] == ["sample"]
    assert [(error.path, error.line, error.column) for error in errors] == [("wrong.yaml", 2, 1)]
