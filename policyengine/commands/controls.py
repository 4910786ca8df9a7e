"""The controls of a policy in words: benchmarks, and the checks by which other tools know it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from policyengine.policy.policy import Policy


def tools(policy: Policy) -> dict[str, list[Mapping[str, object]]]:
    """Its controls that are checks of other tools, by tool."""
    found: dict[str, list[Mapping[str, object]]] = {}
    for control in policy.controls:
        if "tool" in control:
            found.setdefault(str(control["tool"]), []).append(control)
    return found


def known_as(control: Mapping[str, object]) -> str:
    """What users of a tool call its check: its name where it has one beside an id that tells nothing."""
    return str(control.get("name") or control["id"])


def inputs_of(control: Mapping[str, object]) -> list[str]:
    """The input kinds that another tool's check speaks of."""
    listed = control.get("inputs")
    return [str(name) for name in listed] if isinstance(listed, list | tuple) else []


def check_rows(policy: Policy) -> Iterator[tuple[str, str, str]]:
    """For each tool and set of input kinds a row: the tool, its checks, the input kinds."""
    for tool, controls in tools(policy).items():
        by_inputs: dict[str, list[str]] = {}
        for control in controls:
            by_inputs.setdefault(", ".join(inputs_of(control)), []).append(_in_full(control))
        for inputs, checks in by_inputs.items():
            yield tool, ", ".join(checks), inputs


def benchmark_rows(policy: Policy) -> Iterator[tuple[str, str]]:
    """For each benchmark a row: its name with the versions that say the same, and the ids with their input kinds."""
    by_version: dict[tuple[str, str], list[str]] = {}
    for control in policy.controls:
        if "benchmark" in control:
            said = (str(control["benchmark"]), str(control["version"]))
            by_version.setdefault(said, []).append(_id_and_inputs(control))
    by_ids: dict[tuple[str, str], list[str]] = {}
    for (benchmark, version), listed in by_version.items():
        by_ids.setdefault((benchmark, ", ".join(listed)), []).append(version)
    for (benchmark, ids), versions in by_ids.items():
        yield f"{benchmark} {_and(versions)}", ids


def _id_and_inputs(control: Mapping[str, object]) -> str:
    inputs = ", ".join(inputs_of(control))
    return f"{control['id']} ({inputs})" if inputs else str(control["id"])


def _and(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _in_full(control: Mapping[str, object]) -> str:
    return f"{control['name']} ({control['id']})" if "name" in control else str(control["id"])
