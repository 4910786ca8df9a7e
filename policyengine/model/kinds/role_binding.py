"""Kubernetes RoleBindings and ClusterRoleBindings."""

from policyengine.model.kinds.metadata import CLUSTER_METADATA
from policyengine.model.types import BOOLEAN, STRING, Field, Kind, list_of, object_of

_ROLE_REF = object_of(
    kind=Field(STRING, "Role or ClusterRole"),
    name=Field(STRING, "the role's name"),
)

_SUBJECT = object_of(
    kind=Field(STRING, "User, Group or ServiceAccount"),
    name=Field(STRING, "the subject's name: system:unauthenticated, ..."),
    namespace=Field(STRING, "the namespace of a ServiceAccount; absent for others"),
)

KIND = Kind(
    "role_binding",
    "A Kubernetes RoleBinding or ClusterRoleBinding: whom a role is granted to",
    {
        **CLUSTER_METADATA,
        "namespace": Field(
            STRING, "a RoleBinding's metadata.namespace, default where none is written; absent otherwise"
        ),
        "cluster": Field(BOOLEAN, "a ClusterRoleBinding: grants in all namespaces"),
        "role_ref": Field(_ROLE_REF, "roleRef: the role that is granted"),
        "grants_everything": Field(
            BOOLEAN, "the role is cluster-admin, or a ClusterRole that allows everything too; absent for any other"
        ),
        "subjects": Field(list_of(_SUBJECT), "who it is granted to"),
    },
)
