"""Packs: the built-in ones are whole, and those of users are read and checked as policies are."""

from __future__ import annotations

from pathlib import Path

import pytest

from policyengine.commands.policies import loaded
from policyengine.errors import PolicyengineError
from policyengine.policy.packs import built_in_packs, load_pack, members, pack_parameters, with_included
from policyengine.settings import Settings
from tests.running import POLICY

EVERY = {policy.id for policy in loaded(Settings())[0]}


def ids(name: str) -> set[str]:
    return set(members(load_pack(name), loaded(Settings())[0]))


def test_the_built_in_packs() -> None:
    assert built_in_packs() == ["all", "default", "strict"]
    for name in built_in_packs():
        pack = load_pack(name)
        assert (pack.name, pack.is_built_in) == (name, True)
        assert Path(pack.path).is_file()


def test_every_built_in_policy_is_in_all() -> None:
    assert ids("all") == EVERY


def test_strict_contains_default_and_more() -> None:
    assert ids("default") < ids("strict")


def test_no_policy_is_forgotten() -> None:
    """A new policy goes into default, or where it is noisy into strict."""
    assert ids("strict") == EVERY


def test_default_holds_what_is_dangerous_and_leaves_out_what_is_noisy() -> None:
    assert {"privileged", "docker-socket", "host-network", "secret-literal-env", "base-latest"} <= ids("default")
    noisy = {
        "caps-not-dropped-all",
        "default-bridge",
        "healthcheck-missing",
        "image-digest",
        "memory-limit",
        "networkpolicy-missing",
        "pdb-missing",
        "pids-limit",
        "privileged-ports",
        "readonly-rootfs",
        "registry-allowlist",
        "sa-token-automount",
        "service-nodeport",
    }
    assert ids("default").isdisjoint(noisy)
    assert ids("strict") >= noisy & EVERY


def test_the_parameters_of_built_in_packs_are_right() -> None:
    policies = {policy.id: policy for policy in loaded(Settings())[0]}
    for name in built_in_packs():
        for id_, given in pack_parameters(load_pack(name)).items():
            assert given.keys() <= (policies[id_].parameters or {}).keys()


def test_built_in_packs_hold_built_in_policies_only(tmp_path: Path) -> None:
    (tmp_path / "named.yaml").write_text(POLICY)
    policies = loaded(Settings(policies=(str(tmp_path),)))[0]
    assert "acme/named" in {policy.id for policy in policies if policy.category == "runtime"}
    assert set(members(load_pack("all"), policies)) == EVERY


def write(place: Path, text: str) -> Path:
    place.mkdir(parents=True, exist_ok=True)
    (place / "pack.yaml").write_text(text)
    return place


ACME = """\
version: 1
name: acme
title: What Acme demands
packs: [default]
policies: [CKV_K8S_16, image]
ignore: [base-latest]
parameters:
  caps-added: {allowed: [CHOWN]}
"""


def test_a_pack_of_ones_own(tmp_path: Path) -> None:
    pack = load_pack(str(write(tmp_path / "acme", ACME)))
    policies = loaded(Settings())[0]
    found = members(pack, policies)
    assert set(found) == (ids("default") | {policy.id for policy in policies if policy.category == "image"}) - {
        "base-latest"
    }
    assert found["privileged"] is None  # default has it for every input
    assert pack_parameters(pack) == {"caps-added": {"allowed": ["CHOWN"]}}
    assert [part.name for part in with_included(pack)] == ["default", "acme"]


def test_another_tools_id_acts_on_its_inputs_only(tmp_path: Path) -> None:
    text = "version: 1\nname: a\ntitle: A\npolicies: [CKV_K8S_16]\n"
    pack = load_pack(str(write(tmp_path / "a", text)))
    assert members(pack, loaded(Settings())[0]) == {"privileged": frozenset({"kubernetes"})}


def test_a_pack_that_names_nothing_is_the_policies_of_its_directory(tmp_path: Path) -> None:
    place = write(tmp_path / "own", "version: 1\nname: own\ntitle: Ours\n")
    (place / "named.yaml").write_text(POLICY)
    policies, errors = loaded(Settings(), [place])
    assert (set(members(load_pack(str(place)), policies)), errors) == ({"acme/named"}, [])


def test_packs_take_in_packs_by_path_and_circles_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "strict", "version: 1\nname: mine\ntitle: C\nparameters: {p: {z: 3}}\n")
    write(tmp_path / "one", "version: 1\nname: one\ntitle: A\npacks: [../two, ../strict]\nparameters: {p: {x: 1}}\n")
    write(tmp_path / "two", "version: 1\nname: two\ntitle: B\npacks: [../one]\nparameters: {p: {x: 2, y: 2}}\n")
    pack = load_pack("one")
    assert pack_parameters(pack) == {"p": {"x": 1, "y": 2, "z": 3}}


WRONG: dict[str, tuple[str, str]] = {
    "no mapping": ("- a\n", "1:1: a pack is one mapping (begin with version: 1)"),
    "no name": ("version: 1\ntitle: A\n", '1:1: "name" is missing'),
    "a name that is none": (
        "version: 1\ntitle: A\nname: A b\n",
        '3:7: "A b" is not a name: lower-case letters, digits and hyphens',
    ),
    "a misspelt key": (
        "version: 1\nname: a\ntitle: A\npolices: []\n",
        '4:1: unknown key "polices" (did you mean "policies"?)',
    ),
    "a list that is none": (
        "version: 1\nname: a\ntitle: A\npolicies: image\n",
        "4:11: policies should be a list of texts",
    ),
    "a policy that is not there": (
        "version: 1\nname: a\ntitle: A\npolicies:\n  - image\n  - privilegd\n",
        '6:5: no policy is called "privilegd" (did you mean "privileged"?)',
    ),
    "a policy to leave out that is not there": (
        "version: 1\nname: a\ntitle: A\npolicies: [image]\nignore: [privilegd]\n",
        '5:10: no policy is called "privilegd" (did you mean "privileged"?)',
    ),
    "a pack that is not there": (
        "version: 1\nname: a\ntitle: A\npacks: [defualt]\n",
        '4:9: no pack is called "defualt" (did you mean "default"?)',
    ),
    "malformed": ("version: [\n", "2:1: malformed YAML: did not find expected node content"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_with_a_pack_is_told_with_its_place(name: str, tmp_path: Path) -> None:
    text, told = WRONG[name]
    place = write(tmp_path / "a", text)
    for _ in range(2):  # what is wrong is not remembered to be right
        with pytest.raises(PolicyengineError) as refused:
            members(load_pack(str(place)), loaded(Settings())[0])
        assert str(refused.value) == f"{place}/pack.yaml:{told}"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("strct", 'no pack is called "strct" (did you mean "strict"?)'),
        ("xyz", 'no pack is called "xyz" (packs are all, default, strict)'),
        ("./nowhere", "./nowhere: no pack.yaml in it (a pack is a directory with a pack.yaml)"),
        ("../strict", "../strict: no pack.yaml in it (a pack is a directory with a pack.yaml)"),
    ],
)
def test_a_pack_that_is_not_there(name: str, told: str) -> None:
    with pytest.raises(PolicyengineError) as refused:
        load_pack(name)
    assert str(refused.value) == told
