"""The engine: policies and resources to counts and findings."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from policyengine.engine import evaluate
from policyengine.errors import UsageError
from policyengine.model.report import PolicyCounts
from policyengine.model.resource import Owner
from policyengine.model.scope import Scope
from policyengine.model.unknown import Unknown
from tests.judging import container, judged, loaded, read
from tests.policy.writing import policy

if TYPE_CHECKING:
    from policyengine.engine import Judgements
    from policyengine.model.report import Finding
    from policyengine.policy.policy import Policy

HOLE = Unknown("image.user", "the user depends on the image nginx", "--resolve engine")


def counts(found: Judgements, policy_id: str = "sample") -> dict[str, int]:
    return {status: count for one in found.policies if one.id == policy_id for status, count in one.counts.items()}


def told(finding: Finding) -> tuple[str, str, str | None]:
    return (finding.status, finding.message, finding.field)


TITLE = "Containers do not run privileged"
REQUIRE = "require:\n  privileged: {allowed: [false]}"
ROOT = "where:\n  user: {regex: root}"

STATUSES: list[tuple[dict[str, str], dict[str, Any], dict[str, int], list[tuple[str, str, str | None]]]] = [
    ({}, {"privileged": False}, {"pass": 1}, []),
    ({}, {}, {"pass": 1}, []),
    ({}, {"privileged": True}, {"fail": 1}, [("fail", TITLE, "privileged")]),
    (
        {},
        {"privileged": HOLE},
        {"unknown": 1},
        [("unknown", "cannot tell: the user depends on the image nginx", "privileged")],
    ),
    (
        {},
        {"privileged": 0},
        {"error": 1},
        [("error", "could not be judged: the model says boolean, and the value is a int", None)],
    ),
    # where
    ({"where": ROOT}, {"user": "app", "privileged": True}, {"not_applicable": 1}, []),
    ({"where": ROOT}, {"privileged": True}, {"not_applicable": 1}, []),
    ({"where": ROOT}, {"user": "root", "privileged": True}, {"fail": 1}, [("fail", TITLE, "privileged")]),
    ({"where": ROOT}, {"user": "root"}, {"pass": 1}, []),
    ({"where": ROOT}, {"user": HOLE, "privileged": False}, {"pass": 1}, []),
    (
        {"where": ROOT},
        {"user": HOLE, "privileged": True},
        {"unknown": 1},
        [("unknown", "cannot tell: the user depends on the image nginx", "user")],
    ),
    (
        {"where": ROOT},
        {"user": HOLE, "privileged": Unknown("privileged", "another reason")},
        {"unknown": 1},
        [("unknown", "cannot tell: the user depends on the image nginx", "user")],
    ),
    (
        {"where": "where:\n  user: {regex: root}\n  read_only: {allowed: [true]}"},
        {"user": HOLE, "read_only": False, "privileged": True},
        {"not_applicable": 1},
        [],
    ),
    ({"where": "where:\n  ports: {minlength: 1}"}, {"ports": [], "privileged": True}, {"not_applicable": 1}, []),
    ({"where": "where:\n  ports[]?.protocol: {allowed: [udp]}"}, {"privileged": True}, {"not_applicable": 1}, []),
    (
        {"where": "where:\n  ports[]?.protocol: {allowed: [udp]}"},
        {"ports": [{"target": 1}, {"protocol": "udp"}], "privileged": True},
        {"fail": 1},
        [("fail", TITLE, "privileged")],
    ),
    (
        {"where": 'where:\n  labels["a"]: {regex: b}'},
        {"labels": {"a": "c"}, "privileged": True},
        {"not_applicable": 1},
        [],
    ),
    (
        {"where": ROOT},
        {"user": 0, "privileged": True},
        {"error": 1},
        [("error", "could not be judged: the model says string, and the value is a int", None)],
    ),
    # several values
    (
        {"require": "require:\n  cap_add: {forbidden: [A, B]}\n  user: {required: true}"},
        {"cap_add": ["A", "C", "B"]},
        {"fail": 1},
        [("fail", TITLE, "user"), ("fail", TITLE, "cap_add[0]"), ("fail", TITLE, "cap_add[2]")],
    ),
    (
        {"require": "require:\n  cap_add: {forbidden: [A]}"},
        {"cap_add": ["A", HOLE]},
        {"fail": 1},
        [("fail", TITLE, "cap_add[0]")],
    ),
    (
        {"require": "require:\n  ports[]?.protocol: {allowed: [udp]}"},
        {"ports": [{"protocol": "tcp"}]},
        {"fail": 1},
        [("fail", TITLE, "ports")],
    ),
    (
        {"require": "require:\n  ports[]?.protocol: {allowed: [udp]}"},
        {"ports": [{"protocol": "tcp"}, {"protocol": HOLE}]},
        {"unknown": 1},
        [("unknown", "cannot tell: the user depends on the image nginx", "ports")],
    ),
    ({"require": "require:\n  ports[]?.protocol: {allowed: [udp]}"}, {}, {"pass": 1}, []),
    (
        {"require": "require:\n  user: {dependencies: read_only}"},
        {"user": "app", "read_only": HOLE},
        {"unknown": 1},
        [("unknown", "cannot tell: the user depends on the image nginx", "user")],
    ),
    # assertions
    (
        {"assert_": "assert:\n  - {cel: user != 'root', field: user, message: '{user}!'}", "require": ""},
        {"user": "root"},
        {"fail": 1},
        [("fail", "root!", "user")],
    ),
    (
        {"assert_": "assert:\n  - {cel: user != 'root'}", "require": ""},
        {"user": "root"},
        {"fail": 1},
        [("fail", TITLE, None)],
    ),
    (
        {"assert_": "assert:\n  - {cel: image.tag != 'a' && name != '', field: image}", "require": ""},
        {"image": {"digest": Unknown("image.digest", "not this"), "tag": HOLE}},
        {"unknown": 1},
        [("unknown", "cannot tell: the user depends on the image nginx", "image")],
    ),
    (
        {
            "assert_": "assert:\n  - {cel: user == 'a', message: one}\n  - {cel: user == 'b', message: two}",
            "require": "",
        },
        {"user": "root"},
        {"fail": 1},
        [("fail", "one", None), ("fail", "two", None)],
    ),
    (
        {"assert_": "assert:\n  - {cel: user == 'a'}\n  - {cel: user == 'b'}", "require": ""},
        {"user": "root"},
        {"fail": 1},
        [("fail", TITLE, None)],
    ),
    (
        {"assert_": "assert:\n  - {cel: user != 'root', field: user}"},
        {"privileged": True, "user": HOLE},
        {"fail": 1},
        [("fail", TITLE, "privileged")],
    ),
    (
        {"assert_": "assert:\n  - {cel: user < 'a'}", "require": ""},
        {},
        {"error": 1},
        [("error", "could not be judged: < cannot be applied to null, string", None)],
    ),
]


@pytest.mark.parametrize(("sections", "facts", "wanted", "findings"), STATUSES)
def test_status(
    sections: dict[str, str],
    facts: dict[str, Any],
    wanted: dict[str, int],
    findings: list[tuple[str, str, str | None]],
) -> None:
    found = judged(loaded(policy(**sections)), container(**facts))
    assert counts(found) == wanted
    assert [told(finding) for finding in found.findings] == findings
    assert found.resources == 1


class Crashing(str):
    """A value that crashes whoever looks it up."""

    __slots__ = ()

    def __hash__(self) -> int:
        raise RuntimeError(f"cannot hash {self}")


def test_a_crash_inside_a_policy_is_its_error_and_the_others_are_judged() -> None:
    crashing = loaded(policy(require="require:\n  user: {forbidden: [root]}"))
    good = loaded(policy(id="id: good"), "good")
    resources = [container("a", user=Crashing("hunter2")), container("b", privileged=True), container("c", user="root")]
    found = judged([crashing, good], resources)
    assert counts(found) == {"error": 1, "pass": 1, "fail": 1}
    assert counts(found, "good") == {"pass": 2, "fail": 1}
    assert [(one.policy, *told(one)) for one in found.findings] == [
        ("sample", "error", "could not be judged: RuntimeError while evaluating", None),
        ("good", "fail", TITLE, "privileged"),
        ("sample", "fail", TITLE, "user"),
    ]
    assert "hunter2" not in repr(found.findings)


def test_a_finding_tells_everything() -> None:
    text = policy(
        "remedy: {compose: c, default: d}",
        controls="controls:\n  - {benchmark: CIS, version: '1', id: '5'}",
        message="message: '{name}: {value}'",
    )
    (finding,) = judged(loaded(text), container(privileged=True, line=7)).findings
    assert (finding.policy, finding.severity, finding.category, finding.title) == ("sample", "high", "runtime", TITLE)
    assert (finding.message, finding.field, finding.actual) == ("web: true", "privileged", True)
    assert str(finding.resource) == "container/web"
    assert (finding.resource.origin, finding.resource.scope) == ("compose", "compose:shop")
    assert str(finding.location) == "facts:7:2"
    assert finding.controls == ({"benchmark": "CIS", "version": "1", "id": "5"},)
    assert finding.remedy == "c"
    (other,) = judged(loaded(text), container(privileged=True, origin="docker")).findings
    assert other.remedy == "d"


POD = Owner("pod", "shop")
NETWORK = policy(require="require:\n  network_mode: {forbidden: [host]}\n  user: {forbidden: [root]}")


def pods_containers(scope: Scope, **facts: Any) -> list[Any]:
    shared = {"network_mode": POD}
    return [container(name, shared=shared, scope=scope, network_mode="host", **facts) for name in ("a", "b", "c")]


def test_what_several_resources_share_is_told_once() -> None:
    one, other = Scope("kubernetes", "shop", "x"), Scope("kubernetes", "shop", "y")
    found = judged(loaded(NETWORK), [*pods_containers(one), *pods_containers(other)])
    assert counts(found) == {"fail": 2}
    assert [(str(one.resource), one.field) for one in found.findings] == [("pod/shop", "network_mode")] * 2


def test_what_a_resource_has_of_its_own_is_told_beside() -> None:
    found = judged(loaded(NETWORK), pods_containers(Scope("kubernetes", "shop"), user="root"))
    assert counts(found) == {"fail": 3}
    assert [str(one.resource) for one in found.findings] == ["pod/shop", "container/a", "container/b", "container/c"]


def test_real_containers_of_a_pod_share_its_network() -> None:
    spec = "{hostNetwork: true, containers: [{name: a}, {name: b}]}"
    pod = f"{{apiVersion: v1, kind: Pod, metadata: {{name: p}}, spec: {spec}}}"
    found = judged(loaded(NETWORK), read("kubernetes", pod))
    assert [(str(one.resource), one.field) for one in found.findings] == [("pod/p", "network_mode")]


def two_pods(name: str, apart: str) -> str:
    spec = "{hostNetwork: true, containers: [{name: a}, {name: b}]}"
    pod = f"{{apiVersion: v1, kind: Pod, metadata: {{{name}}}, spec: {spec}}}"
    if apart == "documents":
        return f"{pod}\n---\n{pod}\n"
    return f"apiVersion: v1\nkind: List\nitems:\n- {pod}\n- {pod}\n"


@pytest.mark.parametrize("name", ["name: p", "generateName: p"])
@pytest.mark.parametrize(("apart", "lines"), [("documents", [1, 3]), ("items", [4, 5])])
def test_two_objects_of_one_name_are_two_owners(name: str, apart: str, lines: list[int]) -> None:
    found = judged(loaded(NETWORK), read("kubernetes", two_pods(name, apart)))
    assert counts(found) == {"fail": 2}
    assert [(str(one.resource), one.field, one.location.line) for one in found.findings] == [
        ("pod/p", "network_mode", line) for line in lines
    ]
    assert len({one.fingerprint for one in found.findings}) == 2
    assert len({one.content for one in found.findings}) == 1


def test_objects_of_one_name_in_two_files_are_two_owners() -> None:
    pod = two_pods("name: p", "documents").partition("\n")[0]
    found = judged(loaded(NETWORK), [*read("kubernetes", pod, "a.yaml"), *read("kubernetes", pod, "b.yaml")])
    assert [one.location.path for one in found.findings] == ["a.yaml", "b.yaml"]


def test_passes_are_kept_when_asked_for() -> None:
    resources = [container("a", privileged=True), container("b"), container("c", privileged=HOLE)]
    assert [one.status for one in judged(loaded(policy()), resources).findings] == ["fail", "unknown"]
    kept = judged(loaded(policy()), resources, keep_passes=True)
    assert [(one.status, one.resource.name, one.message) for one in kept.findings] == [
        ("pass", "b", TITLE),
        ("fail", "a", TITLE),
        ("unknown", "c", "cannot tell: the user depends on the image nginx"),
    ]


def test_rules_on_fields_that_an_input_knows_nothing_of_do_not_apply() -> None:
    networks = loaded(policy(require="require:\n  networks: {required: true}"))
    found = judged(networks, [container("a"), container("b", origin="kubernetes")])
    assert counts(found) == {"fail": 1, "not_applicable": 1}
    both = loaded(policy(require=f"require:\n  networks: {{required: true}}\n{REQUIRE.partition(chr(10))[2]}"))
    found = judged(both, [container("b", origin="kubernetes", privileged=True)])
    assert [told(one) for one in found.findings] == [("fail", TITLE, "privileged")]
    asserting = loaded(policy(require="", assert_="assert:\n  - cel: networks == []"))
    assert counts(judged(asserting, container(origin="kubernetes"))) == {"not_applicable": 1}


def test_a_field_that_only_another_target_has() -> None:
    two = loaded(
        policy(
            target="target: [container, pod]",
            where="where:\n  host_network: {allowed: [true]}",
            require="require:\n  name: {forbidden: [x]}",
        )
    )
    assert counts(judged(two, container("x"))) == {"not_applicable": 1}


def test_policies_act_on_chosen_inputs_only() -> None:
    resources = [container("a", privileged=True), container("b", origin="kubernetes", privileged=True)]
    found = evaluate([(loaded(policy()), frozenset({"kubernetes"}))], resources)
    assert [one.resource.name for one in found.findings] == ["b"]
    assert found.policies == (PolicyCounts("sample", {"fail": 1}),)
    assert found.resources == 2


def test_nothing_to_judge() -> None:
    found = judged(loaded(policy()), [])
    assert (found.resources, found.policies, found.findings) == (0, (PolicyCounts("sample", {}),), ())


def test_findings_stand_in_the_order_of_the_files_whatever_the_order_of_the_resources() -> None:
    policies = [loaded(policy()), loaded(policy(id="id: other", require="require:\n  user: {required: true}"), "other")]
    resources = [container(f"c{number}", line=number, privileged=number % 3 == 0) for number in range(30)]
    wanted = judged(policies, resources).findings
    assert [(one.location.line, one.policy) for one in wanted] == sorted(
        (one.location.line or 0, one.policy) for one in wanted
    )
    for seed in range(5):
        random.Random(seed).shuffle(resources)
        assert judged(policies[::-1], resources).findings == wanted


PARAMETERS = """parameters:
  most: {type: integer, default: 100, help: h}
  shape: {type: string, default: "a+", help: h}
  shapes: {type: list, default: [], help: h}
  networks: {type: list, default: [], help: h}
  none: {type: list, default: [], help: h}"""
DECLARING = policy(
    parameters=PARAMETERS,
    require=(
        "require:\n  mem_limit: {max: !param most}\n  user: {regex: !param shape, forbidden: !param none}\n"
        "  network_mode: {noneof: [{within_cidr: !param networks}]}"
    ),
    assert_="assert:\n  - cel: params.shapes.all(s, name.matches(s))",
)


def test_parameters_take_their_default_or_the_given_value() -> None:
    sample = loaded(DECLARING)
    facts = container(mem_limit=150, user="b")
    assert {one.field for one in judged(sample, facts).findings} == {"user", "mem_limit"}
    given = {"sample": {"most": 150, "shape": "b"}}
    assert judged(sample, facts, given).findings == ()
    assert {one.field for one in judged(sample, facts, {"sample": {"shapes": ["^x"]}}).findings} == {
        "user",
        "mem_limit",
        None,
    }


GIVEN = [
    ({"mst": 1}, 'policy "sample" has no parameter "mst" (did you mean "most"?)'),
    ({"zzz": 1}, 'policy "sample" has no parameter "zzz" (policyengine explain lists a policy\'s parameters)'),
    ({"most": "1"}, 'parameter "sample.most" should be an integer'),
    ({"most": True}, 'parameter "sample.most" should be an integer'),
    ({"most": 1.5}, 'parameter "sample.most" should be an integer'),
    ({"none": "root"}, 'parameter "sample.none" should be a list of string'),
    ({"none": [5]}, 'parameter "sample.none" should be a list of string'),
    ({"none": None}, 'parameter "sample.none" should be a list of string'),
    ({"shape": "("}, 'parameter "sample.shape": bad regex: missing ): ('),
    ({"networks": ["root"]}, 'parameter "sample.networks": within_cidr cannot use "root"'),
    ({"shapes": ["("]}, 'parameter "sample.shapes": bad regular expression: missing ): ('),
    ({"most": 5, "shape": "("}, 'parameter "sample.most", "sample.shape": bad regex: missing ): ('),
]


@pytest.mark.parametrize(("given", "message"), GIVEN)
def test_given_parameters_are_checked_before_anything_is_judged(given: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        judged(loaded(DECLARING), [], {"sample": given})
    assert str(caught.value).startswith(message)


def test_given_values_are_of_the_field_s_vocabulary_and_a_given_list_may_be_empty() -> None:
    text = policy(
        parameters="parameters:\n  roles: {type: list, default: [init], help: h}",
        require="require:\n  role: {forbidden: !param roles}",
    )
    assert [one.field for one in judged(loaded(text), container(role="init")).findings] == ["role"]
    assert judged(loaded(text), container(role="init"), {"sample": {"roles": []}}).findings == ()
    with pytest.raises(UsageError, match=r'"mian" is no value of the field \(did you mean "main"\?\)'):
        judged(loaded(text), [], {"sample": {"roles": ["mian"]}})


def test_sensitive_values_are_masked() -> None:
    text = policy(require="require:\n  environment{}: {maxlength: 1}", message="message: '{key} {value} {field}'")
    (finding,) = judged(loaded(text), container(environment={"A": "1", "SECRET": "hunter2"})).findings
    assert (finding.message, finding.actual) == ('SECRET **** environment["SECRET"]', "****")
    assert "hunter2" not in repr(finding)


def test_unknowns_say_what_would_settle_them() -> None:
    (finding,) = judged(loaded(policy()), container(privileged=HOLE)).findings
    assert (finding.unknown, finding.actual) == (HOLE, None)


def many() -> list[Policy]:
    return [loaded(policy(id=f"id: p{number}"), f"p{number}") for number in range(20)]


def test_every_policy_judges_every_resource() -> None:
    found = judged(many(), (container(f"c{number}") for number in range(50)))
    assert sum(sum(one.counts.values()) for one in found.policies) == 1000
    assert found.resources == 50


def test_one_entry_of_a_file_that_stands_for_many_values_is_told_once() -> None:
    text = policy(require='require:\n  ports[].host_ip: {forbidden: ["0.0.0.0"]}')
    (web,) = (
        one
        for one in read("compose", 'services: {web: {image: a, ports: ["80-89:80-89", "127.0.0.1:5-6:5-6", "99:99"]}}')
        if one.kind == "container"
    )
    found = judged(loaded(text), web)
    assert [(one.field, one.location.column) for one in found.findings] == [
        ("ports[0].host_ip", 36),
        ("ports[12].host_ip", 72),
    ]
    assert counts(found) == {"fail": 1}
