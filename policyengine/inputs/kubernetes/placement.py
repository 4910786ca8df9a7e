"""How a Pod's fellows are spread over nodes.

https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/
https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#inter-pod-affinity-and-anti-affinity
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.kubernetes.node import DEFAULT, Found
from policyengine.inputs.kubernetes.parts import Listed, Parts, listed
from policyengine.inputs.kubernetes.selector import selector
from policyengine.model.selecting import Labels, selector_matches
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from policyengine.inputs.kubernetes.node import Node
    from policyengine.inputs.kubernetes.parts import Part
    from policyengine.inputs.kubernetes.pod import Pod

_UNSETTLED = Unknown("labels", "the manifest does not settle the selector, or the labels that it selects by")


def spread(pod: Pod) -> Part:
    """The constraints of ``topologySpreadConstraints``."""
    written = pod.spec["topologySpreadConstraints"]
    return listed(written, lambda item: _constraint(item, pod)) if written.value else Found(None, written.at)


def _constraint(constraint: Node, pod: Pod) -> Parts:
    return Parts(
        constraint.at,
        {
            "topology_key": constraint["topologyKey"].text(),
            "max_skew": constraint["maxSkew"].integer(),
            "when_unsatisfiable": constraint["whenUnsatisfiable"].text(),
            "selects_itself": _selects_itself(constraint["labelSelector"], pod),
        },
    )


def anti_affinity(pod: Pod) -> Part:
    """The terms of ``affinity.podAntiAffinity``: those that must be met, then those that are preferred."""
    written = pod.spec["affinity"].mapping()["podAntiAffinity"].mapping()
    if not isinstance(written.value, dict):
        return Found(written.value, written.at)
    terms: list[Part] = [
        _term(item, pod, required=True) for item in written["requiredDuringSchedulingIgnoredDuringExecution"].items()
    ]
    terms += [
        _term(item["podAffinityTerm"].mapping(), pod, required=False)
        for item in written["preferredDuringSchedulingIgnoredDuringExecution"].items()
    ]
    return Listed(written.at, terms) if terms else Found(None, written.at)


def _term(term: Node, pod: Pod, *, required: bool) -> Parts:
    return Parts(
        term.at,
        {
            "topology_key": term["topologyKey"].text(),
            "required": Found(required, term.at),
            "selects_itself": _elsewhere(term, pod) or _selects_itself(term["labelSelector"], pod),
        },
    )


def _elsewhere(term: Node, pod: Pod) -> Found | None:
    """False for a term that is about the Pods of other namespaces only; None for any other."""
    names, own = term["namespaces"].texts(), pod.maker.metadata.namespace
    settled = isinstance(own.value, str) and own.how is not DEFAULT  # where none is written, kubectl may name one
    if not settled or not isinstance(names.value, list) or not names.value or term["namespaceSelector"].written:
        return None
    told = own.value in names.value or any(isinstance(name, Unknown) for name in names.value)
    return None if told else Found(False, names.at)


def spread_out(*parts: Part) -> Found:
    """Whether one of the terms or constraints keeps the Pod's fellows apart; at the first selector, if there is one."""
    terms = [term for part in parts if isinstance(part, Listed) for term in part.items if isinstance(term, Parts)]
    found = [one for term in terms if isinstance(one := term.fields["selects_itself"], Found)]
    if not found:
        unknown = next((part.value for part in parts if isinstance(part, Found) and part.value is not None), None)
        return Found(unknown if isinstance(unknown, Unknown) else False, parts[0].at, DEFAULT)
    settled = next((one for one in found if one.value is True), None)
    return settled or next((one for one in found if isinstance(one.value, Unknown)), found[0])


def _selects_itself(written: Node, pod: Pod) -> Found:
    """Whether a selector selects the Pod that it stands in."""
    part = selector(written)
    facts: object = part.value if isinstance(part, Found) else None
    if isinstance(part, Parts):
        facts = {name: of.value for name, of in part.fields.items() if isinstance(of, Found)}
    matches = selector_matches(facts, Labels(pod.labels.value or {}, made=pod.maker.kind != "Pod"))
    labels = written["matchLabels"]
    return Found(_UNSETTLED if matches is None else matches, labels.at if labels.written else part.at)
