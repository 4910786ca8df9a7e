"""Which policies judge in a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from policyengine import __version__
from policyengine.commands.choice import choice
from policyengine.commands.policies import loaded
from policyengine.errors import PolicyengineError, UsageError
from policyengine.model.enforcement import EnforcementRule
from policyengine.policy.packs import load_pack, members
from policyengine.settings import Origin, Settings
from tests.running import POLICY

if TYPE_CHECKING:
    from pathlib import Path

BUILT_IN = loaded(Settings())[0]
EVERY = set(members(load_pack("all"), BUILT_IN))
DEFAULT = set(members(load_pack("default"), BUILT_IN))
STRICT = set(members(load_pack("strict"), BUILT_IN))
IMAGE = {policy.id for policy in BUILT_IN if policy.category == "image"}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with a policy of one's own, and packs."""
    monkeypatch.chdir(tmp_path)
    for name, text in {
        "own/named.yaml": POLICY,
        "acme/pack.yaml": "version: 1\nname: acme\ntitle: A\npolicies: [privileged]\nrelease: '7'\n"
        "parameters: {caps-added: {allowed: [CHOWN]}}\n",
        "team/pack.yaml": "version: 1\nname: team\ntitle: T\n",
        "team/other.yaml": POLICY.replace("acme/named", "team/other"),
        "taken/pack.yaml": "version: 1\nname: strict\ntitle: T\npolicies: [image]\n",
        "wrong/pack.yaml": "version: 1\nname: wrong\ntitle: W\npolicies: [image]\n"
        "parameters: {caps-added: {allwed: []}}\n",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def ids(**settings: Any) -> set[str]:
    return {policy.id for policy, _ in choice(Settings(**settings)).policies}


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, DEFAULT),
        ({"packs": ("strict",)}, STRICT),
        ({"packs": ("all",)}, EVERY),
        ({"packs": ("default", "strict")}, STRICT),
        ({"ignore": ("image",)}, DEFAULT - IMAGE),
        # what is named is chosen from all, whatever pack it is in
        ({"select": ("image",)}, IMAGE),
        ({"select": ("readonly-rootfs",)}, {"readonly-rootfs"}),
        ({"packs": ("default",), "select": ("image",)}, DEFAULT & IMAGE),
        # one's own policies are always among them
        ({"policies": ("own",)}, {*DEFAULT, "acme/named"}),
        ({"policies": ("own",), "packs": ("acme",)}, {"privileged", "acme/named"}),
        ({"policies": ("own",), "select": ("privileged",)}, {"privileged"}),
        ({"policies": ("own",), "built_in": False}, {"acme/named"}),
        # a pack can bring policies along
        ({"packs": ("./team",)}, {"team/other"}),
        ({"packs": ("./team", "acme")}, {"team/other", "privileged"}),
        ({"policies": ("team",)}, {*DEFAULT, "team/other"}),
    ],
)
def test_what_is_chosen(settings: dict[str, Any], expected: set[str], here: Path) -> None:
    assert ids(**settings) == expected


def test_another_tools_id_acts_on_its_inputs_within_a_pack() -> None:
    (one,) = choice(Settings(packs=("default",), select=("CKV_K8S_16",))).policies
    assert (one[0].id, one[1]) == ("privileged", frozenset({"kubernetes"}))


def test_parameters_of_packs_come_below_those_of_settings(here: Path) -> None:
    made = choice(Settings(packs=("acme",)))
    assert made.parameters == {"caps-added": {"allowed": ["CHOWN"]}}
    made = choice(Settings(packs=("acme",), parameters={"caps-added": {"allowed": []}}))
    assert made.parameters == {"caps-added": {"allowed": []}}


def test_packs_are_told(here: Path) -> None:
    made = choice(Settings(packs=("acme", "strict")))
    assert made.told_packs() == ({"name": "acme", "version": "7"}, {"name": "strict", "version": __version__})
    assert made.packs_of["privileged"] == {"acme", "strict"}
    assert made.packs_of["readonly-rootfs"] == {"strict"}
    assert choice(Settings(select=("privileged",))).told_packs() == ()


def test_a_pack_with_releases_is_told_with_its_own() -> None:
    made = choice(Settings(packs=("pod-security-restricted@v1.31",)))
    assert made.told_packs() == ({"name": "pod-security-restricted", "version": "1.31"},)
    assert made.packs_of["pss-sysctls"] == {"pod-security-restricted"}
    assert choice(Settings(packs=("pod-security-baseline",))).told_packs()[0]["version"] == "1.37"


def test_a_rule_may_name_a_pack_with_its_release() -> None:
    rule = EnforcementRule("warn", packs=("pod-security-baseline@1.31",))
    made = choice(Settings(packs=("pod-security-baseline@1.31",), enforcement=(rule,)))
    assert made.enforcements.of(made.policies[0][0], "a.yaml", frozenset({"pod-security-baseline"})) == "warn"


def test_a_policy_that_is_off_everywhere_does_not_judge() -> None:
    off = EnforcementRule("off", policies=("privileged",))
    assert ids(enforcement=(off,)) == DEFAULT - {"privileged"}
    somewhere = EnforcementRule("block", policies=("privileged",), paths=("new/",))
    assert ids(enforcement=(off, somewhere)) == DEFAULT
    foreign = EnforcementRule("off", policies=("CKV_K8S_16",))
    assert ids(enforcement=(foreign,)) == DEFAULT


def test_a_rule_may_name_a_pack_by_its_path(here: Path) -> None:
    rule = EnforcementRule("warn", packs=("./acme",))
    made = choice(Settings(packs=("acme", "default"), enforcement=(rule,)))
    found = {
        policy.id
        for policy, _ in made.policies
        if made.enforcements.of(policy, "a.yaml", made.packs_of[policy.id]) == "warn"
    }
    assert found == {"privileged"}


AT = Origin("policyengine.yaml", 3, 7)
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"packs": ("strct",)}, 'no pack is called "strct" (did you mean "strict"?)'),
    (
        {"packs": ("strct",), "origins": {("packs", "strct"): AT}},
        'policyengine.yaml:3:7: no pack is called "strct" (did you mean "strict"?)',
    ),
    (
        {"packs": ("pod-security-baseline@1.1", "pod-security-restricted@1.2")},
        "pod-security-baseline 1.1 and 1.2 cannot be judged by together (judge by one after the other)",
    ),
    (
        {"packs": ("strict@1",), "origins": {("packs", "strict@1"): AT}},
        'policyengine.yaml:3:7: the pack "strict" has no release "1" (write strict: it comes in one release only)',
    ),
    (
        {"select": ("privilegd",), "origins": {("select", "privilegd"): AT}},
        'policyengine.yaml:3:7: no policy is called "privilegd" (did you mean "privileged"?)',
    ),
    (
        {"ignore": ("privilegd",), "origins": {("ignore",): Origin("POLICYENGINE_IGNORE")}},
        'POLICYENGINE_IGNORE: no policy is called "privilegd" (did you mean "privileged"?)',
    ),
    (
        {"parameters": {"caps-add": {}}, "origins": {("parameters", "caps-add"): AT}},
        'policyengine.yaml:3:7: unknown policy "caps-add" (did you mean "caps-added"?)',
    ),
    (
        {"parameters": {"caps-added": {"allwed": []}}, "origins": {("parameters", "caps-added", "allwed"): AT}},
        'policyengine.yaml:3:7: policy "caps-added" has no parameter "allwed" (did you mean "allowed"?)',
    ),
    (
        {"enforcement": (EnforcementRule("warn", policies=("privilegd",), place=("p.yaml", 9, 5)),)},
        'p.yaml:9:5: no policy is called "privilegd" (did you mean "privileged"?)',
    ),
    (
        {"enforcement": (EnforcementRule("warn", packs=("strct",), place=("p.yaml", 9, 5)),)},
        'p.yaml:9:5: no pack is called "strct" (did you mean "strict"?)',
    ),
    ({"packs": ("./taken",)}, 'the name "strict" is another pack\'s (rename taken/pack.yaml)'),
    ({"packs": ("wrong",)}, 'wrong/pack.yaml: policy "caps-added" has no parameter "allwed" (did you mean "allowed"?)'),
    (
        {"enforcement": (EnforcementRule("off"),)},
        "no policies to judge by (name some with --policies, or leave out what leaves none)",
    ),
]


@pytest.mark.parametrize(("settings", "told"), WRONG)
def test_what_makes_no_sense(settings: dict[str, Any], told: str, here: Path) -> None:
    with pytest.raises(PolicyengineError) as refused:
        choice(Settings(**settings))
    assert str(refused.value) == told


def test_a_policy_that_is_wrong_may_be_why(here: Path) -> None:
    (here / "own" / "named.yaml").write_text(POLICY.replace("severity: low", "severity: lwo"))
    made = choice(Settings(policies=("own",)))
    assert [error.line for error in made.errors] == [5]
    with pytest.raises(UsageError, match=r"\(perhaps because of own/named\.yaml:5:11: "):
        choice(Settings(policies=("own",), select=("acme/named",)))


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, set()),
        ({"policies": ("own",)}, {"acme/named"}),
        ({"packs": ("strict",)}, STRICT),
        ({"packs": ("default", "strict")}, STRICT),
        ({"select": ("privileged",)}, {"privileged"}),
    ],
)
@pytest.mark.usefixtures("here")
def test_what_somebody_asked_for(settings: dict[str, Any], expected: set[str]) -> None:
    """The default pack's policies are asked for by nobody, unless they are in another pack that is named."""
    assert {policy.id for policy in choice(Settings(**settings)).asked_for()} == expected
