"""Pods and Pod templates: what containers share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from policyengine.inputs.facts import Facts
from policyengine.inputs.kubernetes.limits import Limits, limits
from policyengine.inputs.kubernetes.metadata import ORIGIN, annotations_of
from policyengine.inputs.kubernetes.node import Found, Node
from policyengine.inputs.kubernetes.security import Security, security
from policyengine.inputs.kubernetes.volumes import Volume, volumes
from policyengine.model.kinds.pod import KIND
from policyengine.model.resource import Owner, Resource

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.documents.document import DocPath
    from policyengine.inputs.kubernetes.metadata import Metadata

_RESTART = {"Always": "always", "OnFailure": "on-failure", "Never": "no"}


@dataclass(frozen=True, slots=True)
class Maker:
    """What makes a Pod: a controller, a PodTemplate, or nothing but the Pod itself. ``at`` is its place."""

    kind: str
    at: DocPath
    metadata: Metadata
    replicas: Found
    claims: Mapping[str, Volume] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """``deployment/web``: what the names of Pods and containers hang on."""
        return f"{self.kind.lower()}/{self.metadata.title}"


@dataclass(frozen=True, slots=True)
class Pod:
    """A Pod, each part of it read once, for the resources of the Pod and of its containers."""

    maker: Maker
    spec: Node
    labels: Found
    annotations: Found
    host_network: Found
    host_pid: Found
    host_ipc: Found
    host_users: Found
    restart: Found
    security: Security
    limits: Limits
    volumes: Mapping[str, Volume]

    @property
    def owner(self) -> Owner:
        """The Pod, as the owner of what its containers share."""
        return Owner("pod", self.maker.metadata.title, self.parent)

    @property
    def parent(self) -> str | None:
        """The controller; None for a bare Pod."""
        return None if self.maker.kind == "Pod" else self.maker.title


def read_pod(template: Node, maker: Maker) -> Pod:
    """The Pod at ``template``, a Pod or a Pod template."""
    bare = maker.kind == "Pod"
    metadata = Node(template.document, template.context, maker.at, None) if bare else template["metadata"].mapping()
    spec = template.required("spec")
    return Pod(
        maker,
        spec,
        maker.metadata.labels if bare else metadata["labels"].labels(),
        maker.metadata.annotations if bare else annotations_of(metadata),
        spec["hostNetwork"].boolean().or_default(value=False),
        spec["hostPID"].boolean().or_default(value=False),
        spec["hostIPC"].boolean().or_default(value=False),
        spec["hostUsers"].boolean(),
        restart(spec["restartPolicy"]).or_default("always"),
        security(spec["securityContext"].mapping()),
        limits(spec["resources"]),
        {**volumes(spec), **maker.claims},
    )


def restart(policy: Node) -> Found:
    """A restart policy in the words of Compose."""
    found = policy.text()
    return Found(_RESTART.get(found.value, found.value), found.at) if isinstance(found.value, str) else found


def pod_resource(pod: Pod) -> Resource:
    """The resource of what the Pod's containers share."""
    metadata = pod.maker.metadata
    facts = Facts(KIND, pod.spec.document, metadata.name.at, pod.spec.context)
    metadata.put(facts, "name", "namespace")
    facts.put("controller", pod.maker.kind, (*pod.maker.at, "kind"))
    account = pod.spec["serviceAccountName"].text()
    account = account.or_else(pod.spec["serviceAccount"].text()).or_default("default")
    token = pod.spec["automountServiceAccountToken"].boolean()
    for name, found in (
        ("replicas", pod.maker.replicas),
        ("labels", pod.labels),
        ("annotations", pod.annotations),
        ("host_network", pod.host_network),
        ("host_pid", pod.host_pid),
        ("host_ipc", pod.host_ipc),
        ("service_account", account),
        ("automount_service_account_token", token),
        ("related", Found(None, metadata.name.at)),
    ):
        facts.put(name, found.value, found.at, found.how)
    return facts.resource(metadata.title, metadata.scope, ORIGIN, pod.parent)
