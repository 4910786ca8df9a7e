"""Pods and Pod templates: what containers share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

from policyengine.inputs.facts import Facts
from policyengine.inputs.kubernetes.limits import Amounts, amounts
from policyengine.inputs.kubernetes.metadata import ORIGIN, annotations_of, names
from policyengine.inputs.kubernetes.node import DEFAULT, Found, Node, put
from policyengine.inputs.kubernetes.partial import leave_out
from policyengine.inputs.kubernetes.parts import Listed, Part, Parts, listed, put_part
from policyengine.inputs.kubernetes.placement import anti_affinity, spread, spread_out
from policyengine.inputs.kubernetes.reached import addresses, container_ports
from policyengine.inputs.kubernetes.security import Security, apparmor_annotations, seccomp_annotation, security
from policyengine.inputs.kubernetes.spelling import as_written
from policyengine.inputs.kubernetes.volumes import Volume, host_path, source_of, volumes
from policyengine.model.kinds.pod import KIND
from policyengine.model.kinds.security_context import OF_POD
from policyengine.model.resource import Owner, Resource
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.documents.document import DocPath
    from policyengine.inputs.kubernetes.metadata import Metadata

_TOKEN = Unknown(
    "automount_service_account_token", "it is the ServiceAccount's to say, which was not given", "check it too"
)
_NO_LIST = Unknown("volumes", "it is not a sequence")
_RESTART = {"Always": "always", "OnFailure": "on-failure", "Never": "no"}


class Maker(Struct, frozen=True):
    """What makes a Pod: a controller, a PodTemplate, or nothing but the Pod itself. ``at`` is its place.

    ``partial`` says why it may not be all that is written of it; None for a manifest that stands alone.
    """

    kind: str
    at: DocPath
    metadata: Metadata
    replicas: Found
    claims: Mapping[str, Volume] = field(default_factory=dict)
    partial: Unknown | None = None
    version: str = ""

    @property
    def title(self) -> str:
        """``deployment/web``: what the names of Pods and containers hang on."""
        return f"{self.kind.lower()}/{self.metadata.title}"


class Pod(Struct, frozen=True):
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
    service_account: Found
    security: Security
    limits: Amounts
    volumes: Mapping[str, Volume]
    windows: bool
    os: Found
    addresses: Found

    @property
    def owner(self) -> Owner:
        """The Pod, as the owner of what its containers share."""
        return Owner("pod", self.maker.metadata.title, self.parent, (self.spec.document.path, *self.maker.at))

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
        spec["serviceAccountName"].text().or_else(spec["serviceAccount"].text()).or_default("default"),
        security(spec["securityContext"].mapping()),
        amounts(spec["resources"].mapping()["limits"]),
        {**volumes(spec), **maker.claims},
        _is_windows(spec),
        spec["os"]["name"].text().or_default("linux"),
        addresses(template) if bare else Found(None, template.at),
    )


def _is_windows(spec: Node) -> bool:
    """Whether a Pod is for Windows: it says so, or asks for nodes with it."""
    wanted = spec["nodeSelector"]
    labels = (wanted[label].value for label in ("kubernetes.io/os", "beta.kubernetes.io/os"))
    return "windows" in (spec["os"]["name"].value, *labels)


def restart(policy: Node) -> Found:
    """A restart policy in the words of Compose."""
    found = policy.text()
    return Found(_RESTART.get(found.value, found.value), found.at) if isinstance(found.value, str) else found


def pod_resource(pod: Pod) -> Resource:
    """The resource of what the Pod's containers share."""
    metadata, spec = pod.maker.metadata, pod.spec
    token = spec["automountServiceAccountToken"].boolean()
    facts = Facts(KIND, spec.document, metadata.name.at, spec.context)
    metadata.put(facts, "name", "namespace")
    facts.put("controller", pod.maker.kind, (*pod.maker.at, "kind"))
    for name, found in (
        ("replicas", pod.maker.replicas),
        ("labels", pod.labels),
        ("annotations", pod.annotations),
        ("host_network", pod.host_network),
        ("host_pid", pod.host_pid),
        ("host_ipc", pod.host_ipc),
        ("host_users", pod.host_users.or_default(value=True)),
        ("share_process_namespace", spec["shareProcessNamespace"].boolean().or_default(value=False)),
        ("service_account", pod.service_account),
        ("automount_service_account_token", _token(token, pod)),
        ("token_refused", _refused(token)),
        ("of_kubernetes", _of_kubernetes(pod)),
        ("image_pull_secrets", names(spec["imagePullSecrets"])),
        ("deprecated_service_account", _deprecated_account(spec)),
        ("restart", pod.restart),
        ("node_affinity", _placed(spec)),
        ("priority_class", spec["priorityClassName"].text()),
        ("runtime_class", spec["runtimeClassName"].text()),
        ("os", pod.os),
        ("seccomp_annotation", seccomp_annotation(pod.annotations)),
        ("addresses", pod.addresses),
        ("related", Found(None, metadata.name.at)),
    ):
        put(facts, name, found)
    put_part(facts, "sysctls", _sysctls(pod))
    put_part(facts, "host_aliases", _aliases(spec["hostAliases"]))
    spreads, apart = spread(pod), anti_affinity(pod)
    put_part(facts, "spread", spreads)
    put_part(facts, "anti_affinity", apart)
    put(facts, "spread_out", spread_out(apart, spreads))
    put_part(facts, "volumes", _volumes(spec["volumes"]))
    put_part(facts, "apparmor_annotations", apparmor_annotations(pod.annotations))
    if spec.context.wants(KIND.name, "container_ports"):
        put_part(facts, "container_ports", container_ports(spec))
    if spec.context.wants(KIND.name, "security_context"):
        put_part(facts, "security_context", as_written(spec["securityContext"], OF_POD))
    facts.place(("related", "horizontal_pod_autoscalers"), pod.maker.replicas.at)
    for relation in ("service_account", "same_service_account"):
        facts.place(("related", relation), pod.service_account.at)
    leave_out(facts, KIND.fields.keys() - {"volumes"}, pod.maker.partial)
    if pod.maker.partial:
        facts.leave_open("volumes", pod.maker.partial)  # those of a patch come on top of others
    return facts.resource(metadata.title, metadata.scope, ORIGIN, pod.parent)


def _deprecated_account(spec: Node) -> Found:
    """The former name of a field, where it is the only one; what is mistyped in it is told with the field."""
    former, name = spec["serviceAccount"], spec["serviceAccountName"].value
    only = isinstance(former.value, str) and former.value and name in (None, "")
    return Found(former.value if only else None, former.at)


def _placed(spec: Node) -> Found:
    """Whether a Pod says which nodes it may run on."""
    ways = (spec["nodeSelector"], spec["nodeName"], spec["affinity"]["nodeAffinity"])
    way = next((way for way in ways if way.value), None)
    return Found(value=False, at=spec["affinity"].at, how=DEFAULT) if way is None else Found(value=True, at=way.at)


def _aliases(aliases: Node) -> Part:
    """The names that ``hostAliases`` give to addresses, each with its place."""
    found: list[Part] = []
    for item in aliases.items():
        address = item["ip"].text().value
        names = [name.text() for name in item["hostnames"].each()]
        found += [Found(f"{name.value}={address}", name.at) for name in names if isinstance(name.value, str)]
    return Listed(aliases.at, found) if found else Found(None, aliases.at)


def _refused(token: Found) -> Found:
    """Whether a Pod itself refuses the token of its ServiceAccount."""
    if token.value is None:
        return Found(value=False, at=token.at, how=DEFAULT)
    return token if isinstance(token.value, Unknown) else Found(token.value is False, token.at)


_OWN = {"tier": ("control-plane",), "kubernetes.io/cluster-service": ("true",), "addonmanager.kubernetes.io/mode": None}
"""The labels of what belongs to Kubernetes itself, and their values, None for any."""


def _of_kubernetes(pod: Pod) -> Found:
    """Whether a Pod's labels tell a part of Kubernetes itself: a static Pod of its control plane, an add-on."""
    labels = pod.labels
    if not isinstance(labels.value, dict | None):
        return labels
    has = labels.value or {}
    own = "k8s-app" in has or any(key in has and (of is None or has[key] in of) for key, of in _OWN.items())
    return Found(value=True, at=labels.at) if own else Found(value=False, at=labels.at, how=DEFAULT)


def _token(written: Found, pod: Pod) -> Found:
    """What the Pod says, else what the relations find out; of a part, neither is the whole."""
    return Found(_TOKEN, written.at) if written.value is None and not pod.maker.partial else written


_SYSCTLS = ("security.alpha.kubernetes.io/sysctls", "security.alpha.kubernetes.io/unsafe-sysctls")
"""The annotations that came before ``securityContext.sysctls`` (Kubernetes 1.4 to 1.10), ``name=value,...``."""


def _sysctls(pod: Pod) -> Part:
    written = listed(pod.spec["securityContext"]["sysctls"], _sysctl)
    if not isinstance(written, Found) or written.value is not None or not isinstance(pod.annotations.value, dict):
        return written
    annotated = [
        Parts(at, {"name": Found(name, at), "value": Found(value, at)})
        for key in _SYSCTLS
        for name, value in _assignments(pod.annotations.value.get(key))
        for at in [(*pod.annotations.at, key)]
    ]
    return Listed(annotated[0].at, list(annotated)) if annotated else written


def _assignments(annotation: object) -> list[tuple[str, str]]:
    if not isinstance(annotation, str):
        return []
    pairs = (pair.partition("=") for pair in annotation.split(","))
    return [(name.strip(), value.strip()) for name, equals, value in pairs if equals]


def _sysctl(sysctl: Node) -> Part:
    return Parts(sysctl.at, {"name": sysctl["name"].text(), "value": sysctl["value"].text()})


def _volumes(volumes: Node) -> Part:
    """The volumes. What is mistyped in them is told where those of the mounts are read."""
    if not isinstance(volumes.value, list):
        return Found(_NO_LIST if volumes.written else None, volumes.at)
    found: list[Part] = [_volume(item) for item in volumes.each() if isinstance(item.value, dict)]
    return Listed(volumes.at, found) if found else Found(None, volumes.at)


def _volume(volume: Node) -> Part:
    source = source_of(volume)
    name, below = volume.value.get("name") if isinstance(volume.value, dict) else None, volume[source]
    return Parts(
        volume.at,
        {
            "name": Found(name if isinstance(name, str) else None, (*volume.at, "name")),
            "type": Found(source, below.at),
            "host_path": Found(host_path(below.value) if source == "hostPath" else None, (*below.at, "path")),
        },
    )
