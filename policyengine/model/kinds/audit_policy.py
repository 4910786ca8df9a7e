"""Audit policies: what a Kubernetes API server logs of the requests it gets."""

from policyengine.model.types import LABELS, STRING, Field, Kind

KIND = Kind(
    "audit_policy",
    "A file with the audit policy of a Kubernetes API server (audit.k8s.io Policy)",
    {
        "name": Field(STRING, "Policy: such files have no name"),
        "levels": Field(
            LABELS,
            "how much is logged of what matters most, whoever asks for it: by resource (secrets, configmaps, "
            "tokenreviews, pods, deployments, pods/exec, pods/portforward, pods/proxy, services/proxy) the level of "
            "the first rule that is not for some users, namespaces or objects only: None, Metadata, Request or "
            "RequestResponse",
        ),
    },
)
