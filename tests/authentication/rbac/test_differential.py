"""Who can do what, beside what Kubernetes' own authorizer says of the same manifests."""

from __future__ import annotations

from dataclasses import asdict
from random import Random
from typing import TYPE_CHECKING

import pytest

from policyengine.authentication.rbac.facts import rule_of
from policyengine.authentication.rbac.rights import NAMES, RIGHTS, given
from policyengine.authentication.rbac.rules import Request, Rule, allows, uncovered
from policyengine.authentication.rbac.subjects import User
from tests.authentication.rbac.manifests import cluster
from tests.authentication.rbac.random_clusters import ASKED, USERS, random_cluster, random_rule
from tests.authentication.rbac.reference import Reference, covers
from tests.authentication.rbac.test_by_hand import SETS
from tests.once import ONCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.authentication.rbac.rights import Right
    from tests.authentication.rbac.manifests import Manifest

RANDOM = 300


def differences(objects: list[Manifest]) -> Iterator[str]:
    """In what the two differ, in words."""
    ours, theirs = cluster(objects), Reference(objects)
    for asked in ASKED:
        request = Request(**asdict(asked))
        for user, groups in USERS:
            mine = ours.may(User(user, frozenset(groups)), request).by is not None
            if mine != theirs.authorize(user, groups, asked):
                yield f"{user} {asked}: we say {mine}"
        mine_all = {(one.kind, one.name, one.namespace) for one, _ in ours.who_can(request)}
        theirs_all = {(one["kind"], one["name"], one.get("namespace", "")) for one in theirs.allowed_subjects(asked)}
        if mine_all != theirs_all:
            yield f"who can {asked}: we say {sorted(mine_all)}, they {sorted(theirs_all)}"


@pytest.mark.parametrize("name", SETS)
def test_sets_made_by_hand(name: str) -> None:
    assert not list(differences(SETS[name].objects))


@ONCE
@pytest.mark.parametrize("part", range(3))
def test_random_clusters(part: int) -> None:
    for seed in range(part * RANDOM // 3, (part + 1) * RANDOM // 3):
        objects = random_cluster(Random(seed))
        assert not list(differences(objects)), f"seed {seed}"


def of(manifest: Manifest) -> Rule:
    """A rule as ours is."""
    keys = {"api_groups": "apiGroups", "resource_names": "resourceNames", "non_resource_urls": "nonResourceURLs"}
    return rule_of({field: manifest.get(keys.get(field, field)) for field in Rule.__struct_fields__})


def test_what_rules_cover() -> None:
    random = Random(1)
    for _ in range(3000):
        owned = [random_rule(random) for _ in range(random.randint(0, 3))]
        asked = [random_rule(random) for _ in range(random.randint(1, 2))]
        ours = uncovered([of(rule) for rule in owned], [of(rule) for rule in asked])
        assert ours == [of(rule) for rule in covers(owned, asked)]


def requests(right: Right, *, cluster: bool) -> Iterator[Request]:
    """The requests that a right is about: on any object, and on those that it names."""
    for verb in right.verbs - {"*"}:
        for path in right.urls if cluster else ():
            yield Request(verb, path=f"{path}x")
        for resources in right.resources:
            if resources.cluster and not cluster:
                continue
            for spelt in sorted(resources.spelt):
                resource, _, below = spelt.partition("/")
                if "*" not in spelt:
                    for name in ("", *right.names):
                        yield Request(verb, resource, resources.group, below, name)


@pytest.mark.parametrize("cluster", [True, False])
def test_rights_are_what_requests_come_to(cluster: bool) -> None:
    """A rule gives a right if it allows one of the requests that the right is about."""
    random = Random(2)
    words = sorted({spelt for right in RIGHTS for one in right.resources for spelt in one.spelt})
    groups = sorted({one.group for right in RIGHTS for one in right.resources} | {"*"})
    verbs = sorted({verb for right in RIGHTS for verb in right.verbs} | {"use"})
    names = ["web", "cluster-admin", "system:masters", "coredns"]
    asked = {right.name: list(requests(right, cluster=cluster)) for right in RIGHTS}
    for _ in range(2000):
        rule = Rule(
            tuple(random.sample(verbs, 2)),
            tuple(random.sample(groups, 2)),
            tuple(random.sample(words, 2)),
            tuple(random.sample(names, random.choice([0, 0, 1]))),
            tuple(random.sample(["*", "/debug/*", "/logs/x", "/healthz", "/d*"], random.choice([0, 0, 1]))),
        )
        found = {right.name for right in given(rule, cluster=cluster)}
        effect = {name for name, about in asked.items() if any(allows(rule, request) for request in about)}
        assert found == effect, rule
    assert set(asked) == set(NAMES) - {"wildcard"}
