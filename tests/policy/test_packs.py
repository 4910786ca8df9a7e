"""Packs: the built-in ones are whole, and those of users are read and checked as policies are."""

from __future__ import annotations

from pathlib import Path

import pytest

from policyengine.commands.policies import loaded
from policyengine.errors import PolicyengineError
from policyengine.policy import cache
from policyengine.policy.packs import built_in_packs, load_pack, members, pack_parameters, with_included
from policyengine.policy.parameters import parameter_values
from policyengine.settings import Settings
from tests.running import POLICY

BUILT_IN = loaded(Settings())[0]
OF_STANDARDS = {policy.id for policy in BUILT_IN if "pod-security-standards" in policy.tags}
EVERY = {policy.id for policy in BUILT_IN} - OF_STANDARDS


def ids(name: str) -> set[str]:
    return set(members(load_pack(name), loaded(Settings())[0]))


def test_the_built_in_packs() -> None:
    assert built_in_packs() == [
        *("all", "cis-docker", "cis-docker-daemon", "cis-kubernetes", "cis-ssh", "default", "dev-sec-ssh"),
        *("kubernetes-rbac", "nsa-kubernetes"),
        *("pod-security-baseline", "pod-security-restricted", "stig-ssh", "strict"),
    ]
    for name in built_in_packs():
        pack = load_pack(name)
        assert (pack.name, pack.is_built_in) == (name, True)
        assert Path(pack.path).is_file()


def test_every_built_in_policy_is_in_all() -> None:
    assert ids("all") == EVERY


def test_every_policy_of_the_pod_security_standards_is_in_their_packs() -> None:
    assert ids("pod-security-baseline") < ids("pod-security-restricted")
    assert ids("pod-security-restricted") - OF_STANDARDS == {"host-ipc", "host-network", "host-path", "host-pid"}
    assert ids("pod-security-restricted") >= OF_STANDARDS


def test_strict_contains_default_and_more() -> None:
    assert ids("default") < ids("strict")


def test_strict_leaves_to_all_what_is_a_matter_of_taste() -> None:
    pinned = {f"{tool}-pin" for tool in ("apk", "apt", "dnf", "gem", "go", "npm", "pip", "yum", "zypper")}
    taste = {"cpu-limit", "default-namespace", "label-required", "replicas-min", "run-as-low-uid", "wget-progress"}
    assert pinned | taste <= EVERY
    assert ids("strict").isdisjoint(pinned | taste)


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


@pytest.mark.parametrize(
    ("name", "benchmark", "version"),
    [
        ("cis-docker", "CIS Docker", "1.7.0"),
        ("cis-docker@1.6", "CIS Docker", "1.6.0"),
        ("cis-docker@1.6.0", "CIS Docker", "1.6.0"),
        ("cis-kubernetes@1.12", "CIS Kubernetes", "1.12"),
        ("nsa-kubernetes", "NSA/CISA Kubernetes Hardening Guide", "1.2"),
    ],
)
def test_a_pack_of_a_benchmark_is_what_has_a_control_of_it(name: str, benchmark: str, version: str) -> None:
    found = members(load_pack(name), BUILT_IN)
    wanted = {
        policy.id
        for policy in BUILT_IN
        for control in policy.controls
        if (control.get("benchmark"), control.get("version")) == (benchmark, version)
    }
    assert found.keys() == wanted
    assert len(found) > 10
    kubernetes = [inputs == frozenset({"kubernetes"}) for inputs in found.values()]
    assert all(kubernetes) if "kubernetes" in name else not any(kubernetes)


def test_the_parameters_of_built_in_packs_are_right() -> None:
    policies = {policy.id: policy for policy in loaded(Settings())[0]}
    names = [f"{name}@{release}" for name in built_in_packs() for release in load_pack(name).releases or ("",)]
    for pack in map(load_pack, names):
        for id_, given in pack_parameters(pack).items():
            parameter_values(id_, policies[id_].parameters or {}, given)


OVERRIDDEN = {("pss-capabilities", "exempt_os"), ("pss-seccomp", "exempt_os")}
"""In restricted, other checks stand in for them, and those do not ask Pods for Windows."""


def as_set(value: object) -> object:
    return set(value) if isinstance(value, list) else value


def test_the_newest_release_is_what_the_policies_say_by_themselves() -> None:
    """So that ``--select baseline/sysctls`` without a pack is the newest one too."""
    policies = {policy.id: policy for policy in loaded(Settings())[0]}
    for id_, given in pack_parameters(load_pack("pod-security-restricted")).items():
        defaults = {name: one.default for name, one in (policies[id_].parameters or {}).items()}
        assert {name: as_set(value) for name, value in given.items() if (id_, name) not in OVERRIDDEN} == {
            name: as_set(defaults[name]) for name in given if (id_, name) not in OVERRIDDEN
        }


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
    assert pack_parameters(pack) == pack_parameters(load_pack("default")) | {"caps-added": {"allowed": ["CHOWN"]}}
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
    "a release that is none": (
        "version: 1\nname: a\ntitle: A\nreleases: [1.10]\n",
        "4:12: an item of releases should be a text (write it in quotes)",
    ),
    "news of a release that is not there": (
        'version: 1\nname: a\ntitle: A\nreleases: ["1"]\nsince:\n  "2": {policies: [image]}\n',
        '6:3: "2" is not among the releases',
    ),
    "news that are none": (
        'version: 1\nname: a\ntitle: A\nreleases: ["1"]\nsince: {"1": {polices: [image]}}\n',
        '5:15: unknown key "polices" (did you mean "policies"?)',
    ),
    "an addition to no list": (
        'version: 1\nname: a\ntitle: A\nreleases: ["1"]\nsince:\n  "1":\n    adds: {caps-added: {allowed: [A]}}\n',
        "7:25: no list to add to (give caps-added.allowed a list under parameters, and here another one)",
    ),
    "a policy that is not there in a release": (
        'version: 1\nname: a\ntitle: A\nreleases: ["1"]\npolicies: [image]\nsince: {"1": {policies: [privilegd]}}\n',
        '6:26: no policy is called "privilegd" (did you mean "privileged"?)',
    ),
    "a release that is not there, of a pack taken in": (
        "version: 1\nname: a\ntitle: A\npacks: [default, pod-security-baseline@1.99]\n",
        '4:18: the pack "pod-security-baseline" has no release "1.99" (releases are '
        + ", ".join(load_pack("pod-security-baseline").releases)
        + ")",
    ),
    "two releases of one pack": (
        "version: 1\nname: a\ntitle: A\npacks: [pod-security-baseline@1.1, pod-security-restricted]\n",
        "4:1: it takes in pod-security-baseline 1.1 and 1.37",
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
        (
            "xyz",
            'no pack is called "xyz" (packs are all, cis-docker, cis-docker-daemon, cis-kubernetes, cis-ssh, default, '
            "dev-sec-ssh, kubernetes-rbac, nsa-kubernetes, pod-security-baseline, pod-security-restricted, stig-ssh, "
            "strict)",
        ),
        ("./nowhere", "./nowhere: no pack.yaml in it (a pack is a directory with a pack.yaml)"),
        ("../strict", "../strict: no pack.yaml in it (a pack is a directory with a pack.yaml)"),
    ],
)
def test_a_pack_that_is_not_there(name: str, told: str) -> None:
    with pytest.raises(PolicyengineError) as refused:
        load_pack(name)
    assert str(refused.value) == told


RELEASED = """\
version: 1
name: cis
title: CIS
releases: ["1.9", "1.10", "2"]
packs: ["./inner@{release}"]
policies: [privileged]
parameters: {caps-added: {allowed: [CHOWN]}, readonly-rootfs: {x: 1}}
since:
  "1.10":
    policies: [image-digest]
    adds: {caps-added: {allowed: [KILL]}}
  "2":
    parameters: {readonly-rootfs: {x: 2}}
    adds: {caps-added: {allowed: [FOWNER]}}
"""
INNER = 'version: 1\nname: inner\ntitle: I\nreleases: ["1.9", "1.10", "2"]\npolicies: [host-pid]\n'


@pytest.mark.parametrize(
    ("asked", "release", "policies", "allowed", "x"),
    [
        ("@1.9", "1.9", {"privileged", "host-pid"}, ["CHOWN"], 1),
        ("@1.10", "1.10", {"privileged", "host-pid", "image-digest"}, ["CHOWN", "KILL"], 1),
        ("@v1.10", "1.10", {"privileged", "host-pid", "image-digest"}, ["CHOWN", "KILL"], 1),
        ("@2", "2", {"privileged", "host-pid", "image-digest"}, ["CHOWN", "KILL", "FOWNER"], 2),
        ("@latest", "2", {"privileged", "host-pid", "image-digest"}, ["CHOWN", "KILL", "FOWNER"], 2),
        ("", "2", {"privileged", "host-pid", "image-digest"}, ["CHOWN", "KILL", "FOWNER"], 2),
    ],
)
def test_releases(asked: str, release: str, policies: set[str], allowed: list[str], x: int, tmp_path: Path) -> None:
    place = write(tmp_path / "cis", RELEASED)
    write(place / "inner", INNER)
    pack = load_pack(f"{place}{asked}")
    assert [(part.name, part.release) for part in with_included(pack)] == [("inner", release), ("cis", release)]
    assert set(members(pack, BUILT_IN)) == policies
    assert pack_parameters(pack) == {"caps-added": {"allowed": allowed}, "readonly-rootfs": {"x": x}}


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("./cis@3", 'the pack "cis" has no release "3" (releases are 1.9, 1.10, 2)'),
        ("./cis@", None),
        ("cis@1.9", None),
        ("strict@1", 'the pack "strict" has no release "1" (write strict: it comes in one release only)'),
        ("strict@latest", 'the pack "strict" has no release "latest" (write strict: it comes in one release only)'),
        ("pod-security@1.31", 'no pack is called "pod-security" (did you mean "pod-security-baseline"?)'),
    ],
)
def test_a_release_that_is_not_there(name: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "cis", RELEASED)
    if told is None:
        assert load_pack(name).name == "cis"
        return
    with pytest.raises(PolicyengineError) as refused:
        load_pack(name)
    assert str(refused.value) == told


def test_a_directory_may_have_an_at_in_its_name(tmp_path: Path) -> None:
    place = write(tmp_path / "acme@home", "version: 1\nname: acme\ntitle: A\nreleases: ['1', '2']\n")
    assert load_pack(str(place)).release == "2"
    assert load_pack(f"{place}@1").release == "1"


def test_no_directory_takes_the_place_of_a_built_in_pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("pod-security-restricted@1.31", "strict@1", "strict"):
        write(tmp_path / name, "version: 1\nname: lax\ntitle: L\npolicies: [image-digest]\n")
    assert load_pack("pod-security-restricted@1.31").is_built_in
    assert load_pack("strict").is_built_in
    with pytest.raises(PolicyengineError, match='has no release "1"'):
        load_pack("strict@1")
    assert load_pack("./pod-security-restricted@1.31").name == "lax"


@pytest.mark.parametrize(
    "text",
    ["", "not json", "5", "null", "[]", "{}", '{"name": "default"}', '{"name": 5, "title": "t"}']
    + [f'{{"name": "n", "title": "t", "{key}": 5}}' for key in ("release", "policies", "parameters", "since")]
    + ["[" * 10**5],
)
def test_what_is_kept_of_another_shape_is_checked_again(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POLICYENGINE_CACHE_DIR", str(tmp_path))
    pack = load_pack("cis-docker")
    (file,) = tmp_path.iterdir()
    good = file.read_text()
    cache.write(file.stem.removeprefix("policies-"), text)
    assert file.read_text() != good
    assert load_pack("cis-docker") == pack
    assert file.read_text() == good
