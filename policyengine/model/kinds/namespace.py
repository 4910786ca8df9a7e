"""Kubernetes Namespaces."""

from policyengine.model.kinds.metadata import CLUSTER_METADATA
from policyengine.model.types import Kind

KIND = Kind("namespace", "A Kubernetes Namespace", {**CLUSTER_METADATA})
