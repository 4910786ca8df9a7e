"""Kubernetes' own components, which a control plane runs as (static) Pods.

They are told by the program that a container runs, as the scanners of the CIS benchmark do; an etcd may be anybody's,
so it takes the namespace ``kube-system`` or a control plane's labels too.
"""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from policyengine.inputs.facts import Facts
from policyengine.inputs.kubernetes.metadata import ORIGIN
from policyengine.inputs.kubernetes.node import Found, put
from policyengine.inputs.kubernetes.partial import leave_out
from policyengine.model.kinds.control_plane_component import COMPONENTS, KIND
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from policyengine.inputs.kubernetes.node import Node
    from policyengine.inputs.kubernetes.pod import Pod
    from policyengine.model.resource import Resource

_HYPERKUBE = {name.removeprefix("kube-"): name for name in COMPONENTS} | {name: name for name in COMPONENTS}
_SHELLS = frozenset({"sh", "bash", "ash", "dash"})
_ENDS = re.compile(r"[;|&]+|[0-9&]*[<>].*").fullmatch
"""What ends a shell's command, or its arguments."""

_ELSEWHERE = Unknown("control_plane_component.flags", "a file, a variable or a list that cannot be read sets more")
_FILE_FLAGS = frozenset({"config", "config-file"})
_ARCHITECTURE = re.compile(r"-(?:amd64|arm64|arm|ppc64le|s390x)$").sub


def component_resources(pod: Pod, container: Node, title: str, image: Found) -> Iterator[Resource]:
    """The resource of a container that runs a component of Kubernetes; none for any other."""
    command, args = container["command"].value, container["args"].value
    words = [*_texts(command), *_texts(args)]
    component, flags = _told(words) or (_of_image(image.value, words), words)
    if component is None or (component == "etcd" and not _is_control_plane(pod)):
        return
    about = pod.maker.metadata
    facts = Facts(KIND, container.document, container.at, container.context)
    facts.put("name", title, container["name"].at)
    put(facts, "namespace", about.namespace)
    facts.put("component", component, container["command" if command else "image"].at)
    put(facts, "labels", pod.labels)
    put(facts, "flags", _flags(container, component, flags))
    if _sets_more(container, component, facts["flags"]):
        facts.leave_open("flags", _ELSEWHERE)
    leave_out(facts, KIND.fields, pod.maker.partial)
    yield facts.resource(title, about.scope, ORIGIN, pod.maker.title)


def _texts(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _told(words: Sequence[str]) -> tuple[str, Sequence[str]] | None:
    """The component that a command line runs, and its arguments."""
    for index, word in enumerate(words):
        name = word.rpartition("/")[2]
        if name in COMPONENTS:
            return name, words[index + 1 :]
        if name == "hyperkube" and words[index + 1 : index + 2]:
            component = _HYPERKUBE.get(words[index + 1])
            return (component, words[index + 2 :]) if component else None
        if name in _SHELLS and "-c" in words[index : index + 3]:
            return _told(_script(words[words.index("-c", index) + 1 :]))
        if name not in ("exec", "sudo", "env") and "=" not in name:
            return None
    return None


def _script(words: Sequence[str]) -> list[str]:
    """The words of a shell's first command that is one of the components."""
    lines = words[0].replace("\\\n", " ").replace("\n", " ; ") if words else ""
    lexer = shlex.shlex(lines, posix=True, punctuation_chars=";|&")
    lexer.whitespace_split = True
    try:
        found = list(lexer)
    except ValueError:  # a quote that is not closed
        return []
    start = next((index for index, word in enumerate(found) if word.rpartition("/")[2] in COMPONENTS), len(found))
    end = next((index for index in range(start, len(found)) if _ENDS(found[index])), len(found))
    return found[start:end]


def _of_image(image: object, words: Sequence[str]) -> str | None:
    """The component by its image, where the command is the image's own."""
    if not isinstance(image, str) or (words and not words[0].startswith("-")):
        return None
    name = _ARCHITECTURE("", image.partition("@")[0].rpartition("/")[2].partition(":")[0])
    return name if name in COMPONENTS else None


def _is_control_plane(pod: Pod) -> bool:
    labels = pod.labels.value if isinstance(pod.labels.value, dict) else {}
    return pod.maker.metadata.namespace.value == "kube-system" or labels.get("tier") == "control-plane"


def _flags(container: Node, component: str, words: Sequence[str]) -> Found:
    """The flags by name; a repeated one adds to its list. Dashes and underscores are one to Kubernetes' programs."""
    found: dict[str, str] = {}
    for index, word in enumerate(words):
        if not word.startswith("-") or word in ("-", "--"):
            continue
        name, equals, value = word.lstrip("-").partition("=")
        name = name if component == "etcd" else name.replace("_", "-")
        following = words[index + 1] if index + 1 < len(words) else "-"
        value = value if equals else "true" if following.startswith("-") else following
        found[name] = f"{found[name]},{value}" if name in found else value
    args = container["args" if isinstance(container["args"].value, list) else "command"]
    return Found(found, args.at)


def _sets_more(container: Node, component: str, flags: object) -> bool:
    """Whether something beside the command line sets flags."""
    lists = [container[key] for key in ("command", "args")]
    if any(node.written and not isinstance(node.value, list) for node in lists):
        return True
    if isinstance(flags, dict) and not _FILE_FLAGS.isdisjoint(flags):
        return True
    names = (item["name"].value for item in _mappings(container["env"]))
    return component == "etcd" and any(isinstance(name, str) and name.startswith("ETCD_") for name in names)


def _mappings(node: Node) -> list[Node]:
    return [item for item in node.each() if isinstance(item.value, dict)] if isinstance(node.value, list) else []
