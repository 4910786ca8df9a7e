"""Kubernetes' own authorizer, step by step in its own order, on manifests as they are.

Written after pkg/apis/rbac/v1/evaluation_helpers.go, pkg/registry/rbac/validation/rule.go,
plugin/pkg/auth/authorizer/rbac/{rbac,subject_locator}.go, pkg/controller/clusterroleaggregation and
k8s.io/component-helpers/auth/rbac/validation/policy_comparator.go. It shares nothing with policyengine.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

Manifest = dict[str, Any]
PRIVILEGED = {"kind": "Group", "name": "system:masters"}


@dataclass(frozen=True)
class Attributes:
    """What a request is about."""

    verb: str
    resource: str = ""
    group: str = ""
    subresource: str = ""
    name: str = ""
    namespace: str = ""
    path: str = ""


@dataclass
class Reference:
    """A cluster whose objects are these, once its controllers have nothing left to do."""

    objects: list[Manifest]
    cluster_roles: dict[str, Manifest] = field(default_factory=dict)
    roles: dict[tuple[str, str], Manifest] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for manifest in copy.deepcopy(self.objects):
            if manifest["kind"] == "ClusterRole":
                self.cluster_roles[manifest["metadata"]["name"]] = manifest
            elif manifest["kind"] == "Role":
                self.roles[namespace_of(manifest), manifest["metadata"]["name"]] = manifest
        self._aggregate()

    def _aggregate(self) -> None:
        for role in self.cluster_roles.values():
            if "aggregationRule" in role:
                role["rules"] = []
        changed = True
        while changed:
            changed = any(self._sync(role) for role in self.cluster_roles.values() if "aggregationRule" in role)

    def _sync(self, shared: Manifest) -> bool:
        rules: list[Any] = []
        for selector in shared["aggregationRule"].get("clusterRoleSelectors") or []:
            for other in sorted(self.cluster_roles.values(), key=lambda one: str(one["metadata"]["name"])):
                if other is shared or not selects(selector, other["metadata"].get("labels") or {}):
                    continue
                for rule in other.get("rules") or []:
                    if rule not in rules:
                        rules.append(rule)
        changed = bool(rules != shared["rules"])
        shared["rules"] = rules
        return changed

    def rules_of(self, reference: Manifest, namespace: str) -> list[Manifest]:
        """GetRoleReferenceRules; none for a role that is not there."""
        name = reference["name"]
        if reference["kind"] == "Role":
            found = self.roles.get((namespace, name)) if namespace else None
        else:
            found = self.cluster_roles.get(name)
        return (found or {}).get("rules") or []

    def authorize(self, user: str, groups: set[str], asked: Attributes) -> bool:
        """Authorize: whether the decision is to allow."""
        for binding in self._bindings("ClusterRoleBinding"):
            named = any(applies(user, groups, one, "") for one in binding.get("subjects") or [])
            if named and any(rule_allows(asked, rule) for rule in self.rules_of(binding["roleRef"], "")):
                return True
        if asked.namespace:
            for binding in self._bindings("RoleBinding"):
                if namespace_of(binding) != asked.namespace:
                    continue
                if any(applies(user, groups, one, asked.namespace) for one in binding.get("subjects") or []):
                    rules = self.rules_of(binding["roleRef"], asked.namespace)
                    if any(rule_allows(asked, rule) for rule in rules):
                        return True
        return False

    def allowed_subjects(self, asked: Attributes) -> list[Manifest]:
        """AllowedSubjects."""
        found = [PRIVILEGED]
        for binding in self._bindings("ClusterRoleBinding"):
            if any(rule_allows(asked, rule) for rule in self.rules_of(binding["roleRef"], "")):
                found += binding.get("subjects") or []
        for binding in self._bindings("RoleBinding"):
            here = bool(asked.namespace) and namespace_of(binding) == asked.namespace
            if here and any(rule_allows(asked, one) for one in self.rules_of(binding["roleRef"], asked.namespace)):
                found += binding.get("subjects") or []
        return found

    def _bindings(self, kind: str) -> list[Manifest]:
        return [manifest for manifest in self.objects if manifest["kind"] == kind]


def namespace_of(manifest: Manifest) -> str:
    """Where an object is: kubectl puts it into default."""
    return str(manifest["metadata"].get("namespace") or "default")


def selects(selector: Manifest, labels: Manifest) -> bool:
    """LabelSelectorAsSelector, then Matches."""
    for key, value in (selector.get("matchLabels") or {}).items():
        if labels.get(key) != value:
            return False
    for needed in selector.get("matchExpressions") or []:
        has, operator = needed["key"] in labels, needed["operator"]
        if operator == "In" and not (has and labels[needed["key"]] in needed["values"]):
            return False
        if operator == "NotIn" and has and labels[needed["key"]] in needed["values"]:
            return False
        if operator in ("Exists", "DoesNotExist") and has != (operator == "Exists"):
            return False
    return True


def applies(user: str, groups: set[str], subject: Manifest, namespace: str) -> bool:
    """AppliesToUser."""
    if subject["kind"] == "User":
        return bool(user == subject["name"])
    if subject["kind"] == "Group":
        return subject["name"] in groups
    if subject["kind"] == "ServiceAccount":
        within = subject.get("namespace") or namespace
        return bool(within) and user == f"system:serviceaccount:{within}:{subject['name']}"
    return False


def rule_allows(asked: Attributes, rule: Manifest) -> bool:
    """RuleAllows."""
    if asked.path:
        return verb_matches(rule, asked.verb) and url_matches(rule, asked.path)
    combined = f"{asked.resource}/{asked.subresource}" if asked.subresource else asked.resource
    return (
        verb_matches(rule, asked.verb)
        and group_matches(rule, asked.group)
        and resource_matches(rule, combined, asked.subresource)
        and name_matches(rule, asked.name)
    )


def verb_matches(rule: Manifest, verb: str) -> bool:
    """VerbMatches."""
    return any(one in ("*", verb) for one in rule.get("verbs") or [])


def group_matches(rule: Manifest, group: str) -> bool:
    """APIGroupMatches."""
    return any(one in ("*", group) for one in rule.get("apiGroups") or [])


def resource_matches(rule: Manifest, combined: str, subresource: str) -> bool:
    """ResourceMatches."""
    for one in rule.get("resources") or []:
        if one in ("*", combined):
            return True
        if not subresource:
            continue
        if len(one) == len(subresource) + 2 and one.startswith("*/") and one.endswith(subresource):
            return True
    return False


def name_matches(rule: Manifest, name: str) -> bool:
    """ResourceNameMatches."""
    names = rule.get("resourceNames") or []
    return not names or name in names


def url_matches(rule: Manifest, path: str) -> bool:
    """NonResourceURLMatches."""
    for one in rule.get("nonResourceURLs") or []:
        if one in ("*", path):
            return True
        if one.endswith("*") and path.startswith(one.rstrip("*")):
            return True
    return False


def covers(owner: list[Manifest], servant: list[Manifest]) -> list[Manifest]:
    """Covers: the subrules that the owner's rules do not cover."""
    subrules = [one for rule in servant for one in breakdown(rule)]
    return [one for one in subrules if not any(rule_covers(rule, one) for rule in owner)]


def breakdown(rule: Manifest) -> list[Manifest]:
    """BreakdownRule."""
    found: list[Manifest] = []
    for group in rule.get("apiGroups") or []:
        for resource in rule.get("resources") or []:
            for verb in rule.get("verbs") or []:
                single: Manifest = {"apiGroups": [group], "resources": [resource], "verbs": [verb]}
                if rule.get("resourceNames"):
                    found += [{**single, "resourceNames": [name]} for name in rule["resourceNames"]]
                else:
                    found.append(single)
    for url in rule.get("nonResourceURLs") or []:
        found += [{"nonResourceURLs": [url], "verbs": [verb]} for verb in rule.get("verbs") or []]
    return found


def rule_covers(owner: Manifest, sub: Manifest) -> bool:
    """ruleCovers."""
    verbs = "*" in owner.get("verbs", []) or has_all(owner.get("verbs", []), sub["verbs"])
    groups = "*" in owner.get("apiGroups", []) or has_all(owner.get("apiGroups", []), sub.get("apiGroups", []))
    resources = resources_cover(owner.get("resources", []), sub.get("resources", []))
    urls = all(
        any(url_covers(one, url) for one in owner.get("nonResourceURLs", [])) for url in sub.get("nonResourceURLs", [])
    )
    if not sub.get("resourceNames"):
        names = not owner.get("resourceNames")
    else:
        names = not owner.get("resourceNames") or has_all(owner["resourceNames"], sub["resourceNames"])
    return verbs and groups and resources and names and urls


def has_all(owned: list[str], contained: list[str]) -> bool:
    """hasAll."""
    return all(one in owned for one in contained)


def resources_cover(owned: list[str], covered: list[str]) -> bool:
    """resourceCoversAll."""
    if "*" in owned or has_all(owned, covered):
        return True
    for path in covered:
        if path in owned:
            continue
        if "/" not in path:
            return False
        if f"*/{path.split('/', 1)[1]}" not in owned:
            return False
    return True


def url_covers(owner: str, sub: str) -> bool:
    """nonResourceURLCovers."""
    return owner == sub or (owner.endswith("*") and sub.startswith(owner.rstrip("*")))
