"""The ClusterRoles that every cluster has, as far as bindings beyond Kubernetes' own are made to them.

What they allow: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings, and
plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go of Kubernetes 1.33. Releases differ in little. Where manifests
hold a role of the name, that one counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.authentication.rbac.role import Role
from policyengine.authentication.rbac.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

_TO = "rbac.authorization.k8s.io/aggregate-to-"
_READ = "get list watch"
_WRITE = "create delete deletecollection patch update"


def _rule(verbs: str, resources: str, *groups: str, names: str = "") -> Rule:
    return Rule(tuple(verbs.split()), groups or ("",), tuple(resources.split()), tuple(names.split()))


def _urls(*urls: str) -> Rule:
    return Rule(("get",), non_resource_urls=urls)


_EVENTS = _rule("create patch update", "events", "", "events.k8s.io")
_REVIEWS = (
    _rule("create", "tokenreviews", "authentication.k8s.io"),
    _rule("create", "subjectaccessreviews", "authorization.k8s.io"),
)

_TO_ADMIN = (
    _rule("create", "localsubjectaccessreviews", "authorization.k8s.io"),
    _rule(f"{_WRITE} {_READ}", "rolebindings roles", "rbac.authorization.k8s.io"),
)

_APPS = "daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale"

_TO_EDIT = (
    _rule(_READ, "pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy"),
    _rule("impersonate", "serviceaccounts"),
    _rule(_WRITE, "pods pods/attach pods/exec pods/portforward pods/proxy"),
    _rule("create", "pods/eviction"),
    _rule(_WRITE, "configmaps events persistentvolumeclaims replicationcontrollers replicationcontrollers/scale"),
    _rule(_WRITE, "secrets serviceaccounts services services/proxy"),
    _rule("create", "serviceaccounts/token"),
    _rule(_WRITE, f"{_APPS} statefulsets statefulsets/scale", "apps"),
    _rule(_WRITE, "horizontalpodautoscalers", "autoscaling"),
    _rule(_WRITE, "cronjobs jobs", "batch"),
    _rule(_WRITE, f"{_APPS} ingresses networkpolicies replicationcontrollers/scale", "extensions"),
    _rule(_WRITE, "poddisruptionbudgets", "policy"),
    _rule(_WRITE, "ingresses networkpolicies", "networking.k8s.io"),
    _rule(f"{_WRITE} {_READ}", "leases", "coordination.k8s.io"),
)

_SEEN_APPS = "daemonsets daemonsets/status deployments deployments/scale deployments/status replicasets"

_TO_VIEW = (
    _rule(_READ, "configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods serviceaccounts"),
    _rule(_READ, "replicationcontrollers replicationcontrollers/scale replicationcontrollers/status"),
    _rule(_READ, "services services/status bindings events limitranges namespaces namespaces/status pods/log"),
    _rule(_READ, "pods/status resourcequotas resourcequotas/status"),
    _rule(_READ, "endpointslices", "discovery.k8s.io"),
    _rule(_READ, f"{_SEEN_APPS} replicasets/scale replicasets/status", "apps", "extensions"),
    _rule(_READ, "controllerrevisions statefulsets statefulsets/scale statefulsets/status", "apps"),
    _rule(_READ, "horizontalpodautoscalers horizontalpodautoscalers/status", "autoscaling"),
    _rule(_READ, "cronjobs cronjobs/status jobs jobs/status", "batch"),
    _rule(_READ, "ingresses ingresses/status networkpolicies", "extensions", "networking.k8s.io"),
    _rule(_READ, "poddisruptionbudgets poddisruptionbudgets/status", "policy"),
)

_PLAIN: dict[str, tuple[Rule, ...]] = {
    "cluster-admin": (_rule("*", "*", "*"), Rule(("*",), non_resource_urls=("*",))),
    "system:auth-delegator": _REVIEWS,
    "system:basic-user": (
        _rule("create", "selfsubjectaccessreviews selfsubjectrulesreviews", "authorization.k8s.io"),
        _rule("create", "selfsubjectreviews", "authentication.k8s.io"),
    ),
    "system:discovery": (
        _urls("/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi", "/openapi/*"),
        _urls("/readyz", "/version", "/version/"),
    ),
    "system:monitoring": (
        _urls("/healthz", "/healthz/*", "/livez", "/livez/*", "/metrics", "/metrics/slis", "/readyz", "/readyz/*"),
    ),
    "system:public-info-viewer": (_urls("/healthz", "/livez", "/readyz", "/version", "/version/"),),
    "system:service-account-issuer-discovery": (_urls("/.well-known/openid-configuration", "/openid/v1/jwks"),),
    "system:kubelet-api-admin": (
        _rule(f"{_READ} proxy", "nodes"),
        _rule("*", "nodes/log nodes/metrics nodes/proxy nodes/stats"),
    ),
    "system:node-bootstrapper": (_rule(f"create {_READ}", "certificatesigningrequests", "certificates.k8s.io"),),
    "system:node-problem-detector": (_rule("get", "nodes"), _rule("patch", "nodes/status"), _EVENTS),
    "system:node-proxier": (
        _rule("list watch", "endpoints services"),
        _rule(_READ, "nodes"),
        _rule("list watch", "endpointslices", "discovery.k8s.io"),
        _EVENTS,
    ),
    "system:kube-dns": (_rule("list watch", "endpoints services"),),
    "system:heapster": (
        _rule(_READ, "events namespaces nodes pods"),
        _rule(_READ, "deployments", "extensions"),
    ),
    "system:persistent-volume-provisioner": (
        _rule(f"create delete {_READ}", "persistentvolumes"),
        _rule(f"update {_READ}", "persistentvolumeclaims"),
        _rule(_READ, "storageclasses", "storage.k8s.io"),
        _rule("watch", "events"),
        _EVENTS,
    ),
    "system:volume-scheduler": (
        _rule(f"patch update {_READ}", "persistentvolumes persistentvolumeclaims"),
        _rule(_READ, "storageclasses", "storage.k8s.io"),
    ),
    **{
        f"system:certificates.k8s.io:certificatesigningrequests:{who}": (
            _rule("create", f"certificatesigningrequests/{who}", "certificates.k8s.io"),
        )
        for who in ("nodeclient", "selfnodeclient")
    },
    **{
        f"system:certificates.k8s.io:{signer}-approver": (
            _rule("approve", "signers", "certificates.k8s.io", names=f"kubernetes.io/{signer}"),
        )
        for signer in ("kube-apiserver-client", "kube-apiserver-client-kubelet", "kubelet-serving", "legacy-unknown")
    },
}
"""Those of components that nobody else has (the scheduler, nodes, controllers) are left out."""

_AGGREGATED = {"admin": (_TO_ADMIN, ""), "edit": (_TO_EDIT, "admin"), "view": (_TO_VIEW, "edit")}
"""The roles for users: what each has of its own, and which other one takes it in."""


def _aggregated() -> Iterator[Role]:
    for name, (rules, above) in _AGGREGATED.items():
        selector = {"match_labels": {f"{_TO}{name}": "true"}, "match_expressions": []}
        yield Role(name, (), "", {f"{_TO}{above}": "true"} if above else {}, (selector,))
        yield Role(f"system:aggregate-to-{name}", rules, "", {f"{_TO}{name}": "true"})


BUILT_IN = (*(Role(name, rules) for name, rules in _PLAIN.items()), *_aggregated())
