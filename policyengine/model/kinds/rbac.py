"""Who can do what in a Kubernetes cluster: a subject of a binding, and what that gives it."""

from policyengine.model.kinds.role import RIGHTS, RULE
from policyengine.model.types import BOOLEAN, STRING, STRINGS, Field, Kind, list_of, object_of, one_of

_RIGHT = one_of("everything", *RIGHTS)

_NAMED = object_of(
    kind=Field(STRING, "RoleBinding or ClusterRoleBinding, Role or ClusterRole"),
    name=Field(STRING, "its metadata.name"),
)

KIND = Kind(
    "rbac",
    "Who can do what in a Kubernetes cluster: a subject of a binding, with the rules of the role that it grants",
    {
        "name": Field(STRING, "the subject's name as the binding has it"),
        "subject_kind": Field(STRING, "User, Group or ServiceAccount"),
        "namespace": Field(STRING, "the namespace of a ServiceAccount, the binding's where none is written"),
        "account": Field(
            STRING,
            "the name of the user or group in requests: system:serviceaccount:NAMESPACE:NAME for a ServiceAccount",
        ),
        "binding": Field(_NAMED, "the binding that gives it the rules"),
        "role": Field(_NAMED, "the role whose rules it gives"),
        "cluster": Field(
            BOOLEAN, "a ClusterRoleBinding gives them: in all namespaces, and about what is in no namespace"
        ),
        "within": Field(STRING, "the namespace that a RoleBinding gives them in; absent otherwise"),
        "built_in": Field(BOOLEAN, "one of Kubernetes' own bindings, by its label kubernetes.io/bootstrapping"),
        "rules": Field(list_of(RULE), "the role's rules, aggregation resolved; open where not all of them are given"),
        "rights": Field(
            list_of(_RIGHT),
            "what the rules allow together that reaches further than it seems, each once, as rights of a role are; "
            "of a RoleBinding only what holds in a namespace; everything for all verbs on all resources",
        ),
        "all_rights": Field(
            list_of(_RIGHT), "the same of all bindings that were given to the subject, and to groups that it is in"
        ),
        "all_bindings": Field(STRINGS, "what those bindings are: ClusterRoleBinding NAME, RoleBinding NAMESPACE/NAME"),
    },
)
