"""A RoleBinding or ClusterRoleBinding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from policyengine.authentication.rbac.subjects import Subject


class Binding(Struct, frozen=True):
    """A RoleBinding of a namespace, or a ClusterRoleBinding, which has none. ``role_kind``: Role or ClusterRole."""

    name: str
    role_kind: str
    role: str
    subjects: tuple[Subject, ...] = ()
    namespace: str = ""

    def __str__(self) -> str:
        return f"RoleBinding {self.namespace}/{self.name}" if self.namespace else f"ClusterRoleBinding {self.name}"
