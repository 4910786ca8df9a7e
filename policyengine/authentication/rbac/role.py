"""A Role or ClusterRole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

if TYPE_CHECKING:
    from policyengine.authentication.rbac.rules import Rule
    from policyengine.model.unknown import Unknown


class Role(Struct, frozen=True):
    """A Role of a namespace, or a ClusterRole, which has none.

    ``aggregates`` are the label selectors of an aggregationRule, values of the model's ``label_selector``, None
    without one: the cluster fills the rules then, and those that are written do not count. ``unread`` says why its
    rules may not be all.
    """

    name: str
    rules: tuple[Rule, ...] = ()
    namespace: str = ""
    labels: object = field(default_factory=dict)
    aggregates: tuple[object, ...] | None = None
    unread: Unknown | None = None
