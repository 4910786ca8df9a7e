"""The "Kubernetes Network Policy Recipes" (Ahmet Alp Balkan and others, Apache-2.0): what each recipe tries out.

They lie beside the repository (``../shared/corpora/firewall``), or where POLICYENGINE_FIREWALL_CORPORA says; their
policies are read in place. The Pods here are those that a recipe runs. https://github.com/ahmetb/kubernetes-network-policy-recipes
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
import yaml

from tests.firewall.network_policy.clusters import INTERNET, manifests, place, told
from tests.installation import ROOT
from tests.once import ONCE

if TYPE_CHECKING:
    from policyengine.firewall.reach import Place

CORPORA = Path(os.environ.get("POLICYENGINE_FIREWALL_CORPORA") or ROOT.parent / "shared" / "corpora" / "firewall")
RECIPES = CORPORA / "netpol-recipes"

pytestmark = [
    ONCE,
    pytest.mark.skipif(not RECIPES.is_dir(), reason=f"no recipes beside the repository in {CORPORA.name}"),
]

NAMESPACES = {
    "default": {},
    "kube-system": {},
    "other": {"team": "operations"},
    "prod": {"purpose": "production"},
    "dev": {"purpose": "testing"},
}
BLOCK = re.compile(r"```yaml\n(.*?)```", re.DOTALL)


class Recipe(NamedTuple):
    """Pods by name (``namespace/name``) with their labels, and what gets from one to another by the policies.

    ``policies`` are the numbers of those that are in force together; "internet" is everybody outside.
    """

    file: str
    pods: dict[str, str]
    flows: dict[tuple[str, str], str]
    policies: tuple[int, ...] = (0,)


ALLOWED = "tcp udp sctp; may: icmp"
"""By a policy: these say nothing of ICMP, and what is made of that differs. Without a policy: "all"."""
DNS = "tcp 53 udp 53; may: icmp"

WEB = {"default/web": "app=web", "default/test": ""}
NAMED = {**WEB, "other/test": "", "prod/test": "", "dev/test": ""}
TESTING = ("default/test", "default/web")
FOO = {
    "default/web": "app=web",
    "default/foo": "app=foo",
    "kube-system/dns": "k8s-app=kube-dns",
    "other/dns": "k8s-app=kube-dns",
}

CASES = [
    Recipe("01-deny-all-traffic-to-an-application", WEB, {TESTING: "none", ("default/web", "default/test"): "all"}),
    Recipe(
        "02-limit-traffic-to-an-application",
        {"default/api": "app=bookstore,role=api", "default/test": "", "default/front": "app=bookstore,role=frontend"},
        {("default/test", "default/api"): "none", ("default/front", "default/api"): ALLOWED},
    ),
    Recipe("02a-allow-all-traffic-to-an-application", NAMED, {TESTING: ALLOWED, ("dev/test", "default/web"): ALLOWED}),
    Recipe(
        "03-deny-all-non-whitelisted-traffic-in-the-namespace",
        NAMED,
        {TESTING: "none", ("dev/test", "default/web"): "none", ("default/web", "dev/test"): "all"},
    ),
    Recipe("04-deny-traffic-from-other-namespaces", NAMED, {TESTING: ALLOWED, ("other/test", "default/web"): "none"}),
    Recipe("05-allow-traffic-from-all-namespaces", NAMED, {TESTING: ALLOWED, ("other/test", "default/web"): ALLOWED}),
    Recipe(
        "06-allow-traffic-from-a-namespace",
        NAMED,
        {("dev/test", "default/web"): "none", ("prod/test", "default/web"): ALLOWED, TESTING: "none"},
    ),
    Recipe(
        "07-allow-traffic-from-some-pods-in-another-namespace",
        {**NAMED, "default/monitor": "type=monitoring", "other/monitor": "type=monitoring"},
        {
            TESTING: "none",
            ("default/monitor", "default/web"): "none",
            ("other/test", "default/web"): "none",
            ("other/monitor", "default/web"): ALLOWED,
        },
    ),
    Recipe("08-allow-external-traffic", WEB, {("internet", "default/web"): ALLOWED}),
    Recipe(
        "09-allow-traffic-only-to-a-port",
        {"default/api": "app=apiserver", "default/test": "", "default/monitor": "role=monitoring"},
        {("default/test", "default/api"): "none", ("default/monitor", "default/api"): "tcp 5000; may: icmp"},
    ),
    Recipe(
        "10-allowing-traffic-with-multiple-selectors",
        {
            "default/db": "app=bookstore,role=db",
            "default/search": "app=bookstore,role=search",
            "default/api": "app=bookstore,role=api",
            "default/catalog": "app=inventory,role=web",
            "default/test": "app=other",
        },
        {
            ("default/search", "default/db"): ALLOWED,
            ("default/api", "default/db"): ALLOWED,
            ("default/catalog", "default/db"): ALLOWED,
            ("default/test", "default/db"): "none",
        },
    ),
    Recipe(
        "11-deny-egress-traffic-from-an-application",
        FOO,
        {
            ("default/foo", "default/web"): "none",
            ("default/foo", "internet"): "none",
            ("default/foo", "kube-system/dns"): "none",
            ("default/web", "default/foo"): "all",
        },
    ),
    Recipe(
        "11-deny-egress-traffic-from-an-application",
        FOO,
        {
            ("default/foo", "default/web"): "none",
            ("default/foo", "internet"): "none",
            ("default/foo", "kube-system/dns"): DNS,
            ("default/foo", "other/dns"): "none",
        },
        policies=(1,),
    ),
    Recipe(
        "12-deny-all-non-whitelisted-traffic-from-the-namespace",
        NAMED,
        {TESTING: "none", ("default/web", "dev/test"): "none", ("dev/test", "default/web"): "all"},
    ),
    # It goes on to say that foo may connect to web: that was of another policy, which let it out to all Pods.
    Recipe(
        "14-deny-external-egress-traffic",
        FOO,
        {("default/foo", "kube-system/dns"): DNS, ("default/foo", "internet"): "none"},
    ),
]


def test_every_recipe_is_tried() -> None:
    files = {path.stem for path in RECIPES.glob("*.md")}
    assert files == {case.file for case in CASES} | {"00-create-cluster"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.file[:3].strip("-") + "-".join(map(str, case.policies)))
def test_recipe(case: Recipe) -> None:
    cluster = manifests("\n---\n".join([*_policies(case), *map(_namespace, NAMESPACES), *_pods(case.pods)]))

    def at(name: str) -> Place:
        return INTERNET if name == "internet" else place(cluster, name)

    assert {ends: told(cluster.flows(*map(at, ends))) for ends in case.flows} == case.flows


def _policies(case: Recipe) -> list[str]:
    blocks = BLOCK.findall((RECIPES / f"{case.file}.md").read_text(encoding="utf-8"))
    whole = [block for block in blocks if "kind: NetworkPolicy" in block]
    return [whole[number] for number in case.policies]


def _namespace(name: str) -> str:
    labels = {"kubernetes.io/metadata.name": name, **NAMESPACES[name]}
    return yaml.safe_dump({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}})


def _pods(pods: dict[str, str]) -> list[str]:
    found = []
    for place_, labels in pods.items():
        namespace, _, name = place_.partition("/")
        pairs = dict(pair.split("=") for pair in labels.split(",") if pair)
        about = {"name": name, "namespace": namespace, "labels": pairs}
        spec = {"containers": [{"name": "main", "image": "example.test/main:1"}]}
        found.append(yaml.safe_dump({"apiVersion": "v1", "kind": "Pod", "metadata": about, "spec": spec}))
    return found
