"""Kubernetes ServiceAccounts."""

from policyengine.model.kinds.metadata import METADATA
from policyengine.model.types import BOOLEAN, STRINGS, Field, Kind

KIND = Kind(
    "service_account",
    "A Kubernetes ServiceAccount",
    {
        **METADATA,
        "automount_service_account_token": Field(
            BOOLEAN, "Pods that do not say otherwise get its token; true where it is not written"
        ),
        "secrets": Field(STRINGS, "the names of the Secrets that its Pods may use"),
        "image_pull_secrets": Field(STRINGS, "the names of the Secrets that its Pods pull images with"),
    },
)
