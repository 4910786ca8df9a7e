"""ValidatingWebhookConfigurations and MutatingWebhookConfigurations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.kubernetes.metadata import draft
from policyengine.inputs.kubernetes.node import Found
from policyengine.inputs.kubernetes.parts import Part, Parts, listed, put_part
from policyengine.inputs.kubernetes.selector import selector
from policyengine.model.kinds.webhook_configuration import KIND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.inputs.kubernetes.node import Node
    from policyengine.inputs.kubernetes.objects import Object
    from policyengine.model.resource import Resource


_DEFAULTS: dict[str, tuple[str, str, int]] = {
    "admissionregistration.k8s.io/v1beta1": ("Ignore", "Exact", 30),
}
_DEFAULT = ("Fail", "Equivalent", 10)
"""failurePolicy, matchPolicy and timeoutSeconds of a version:
https://kubernetes.io/docs/reference/using-api/deprecation-guide/#webhook-resources-v122"""


def webhook_configuration_resources(manifest: Object) -> Iterator[Resource]:
    """The resource of a ValidatingWebhookConfiguration or MutatingWebhookConfiguration."""
    node, made = manifest.node, draft(manifest, KIND, cluster=True)
    defaults = _DEFAULTS.get(manifest.version, _DEFAULT)
    made.facts.put("mutating", manifest.kind.startswith("Mutating"), (*node.at, "kind"))
    put_part(made.facts, "webhooks", listed(node["webhooks"], lambda webhook: _webhook(webhook, defaults)))
    yield made.resource()


def _webhook(webhook: Node, defaults: tuple[str, str, int]) -> Parts:
    failure, match, timeout = defaults
    return Parts(
        webhook.at,
        {
            "name": webhook["name"].text(),
            "failure_policy": webhook["failurePolicy"].text().or_default(failure),
            "match_policy": webhook["matchPolicy"].text().or_default(match),
            "side_effects": webhook["sideEffects"].text(),
            "timeout_seconds": webhook["timeoutSeconds"].integer().or_default(timeout),
            "rules": listed(webhook["rules"], _rule),
            "namespace_selector": selector(webhook["namespaceSelector"]),
            "object_selector": selector(webhook["objectSelector"]),
            "client": _client(webhook["clientConfig"].mapping()),
        },
    )


def _rule(rule: Node) -> Parts:
    return Parts(
        rule.at,
        {
            "operations": rule["operations"].texts(),
            "api_groups": rule["apiGroups"].texts(),
            "api_versions": rule["apiVersions"].texts(),
            "resources": rule["resources"].texts(),
            "scope": rule["scope"].text().or_default("*"),
        },
    )


def _client(config: Node) -> Part:
    if not isinstance(config.value, dict):
        return Found(config.value, config.at)
    service = config["service"].mapping()
    return Parts(
        config.at,
        {
            "url": config["url"].text(),
            "service_name": service["name"].text(),
            "service_namespace": service["namespace"].text(),
        },
    )
