"""Kubernetes RBAC: which rules bindings give to whom, and what these allow."""
