"""Kubernetes' own components, which a control plane runs as (static) Pods.

They are told by the program that a container runs, as the scanners of the CIS benchmark do. An etcd may be anybody's:
what is asked of the cluster's own is right for it too.
"""

from __future__ import annotations

import itertools
import re
import shlex
from typing import TYPE_CHECKING, NamedTuple

from policyengine.inputs.facts import Facts
from policyengine.inputs.kubernetes.metadata import ORIGIN
from policyengine.inputs.kubernetes.node import Found, is_placeholder, put
from policyengine.inputs.kubernetes.partial import leave_out
from policyengine.inputs.kubernetes.parts import put_map
from policyengine.model.kinds.control_plane_component import COMPONENTS, KIND
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from policyengine.documents.document import DocPath
    from policyengine.inputs.kubernetes.node import Node
    from policyengine.inputs.kubernetes.pod import Pod
    from policyengine.model.resource import Resource

_HYPERKUBE = {name.removeprefix("kube-"): name for name in COMPONENTS} | {name: name for name in COMPONENTS}
_SHELLS = frozenset({"sh", "bash", "ash", "dash"})
_ENDS = re.compile(r"[;|&]+|[0-9&]*[<>].*").fullmatch
"""What ends a shell's command, or its arguments."""

_ELSEWHERE = Unknown("control_plane_component.flags", "a file, a variable or a list that cannot be read sets more")
_BY_VARIABLE = Unknown("control_plane_component.flags", "a variable or a template sets it", "check what is rendered")
_IN_FILE = Unknown("control_plane_component.flags", "a file of the component's own settles it")
_SAID_BY_FILES = {"authorization-config": "authorization-mode", "authentication-config": "anonymous-auth"}
"""Flags that name a file in which stands what another flag would say."""
_FILE_FLAGS = frozenset({"config", "config-file"})
_LISTS = frozenset(
    {
        *("admission-control", "api-audiences", "authorization-mode", "controllers", "disable-admission-plugins"),
        *("enable-admission-plugins", "etcd-servers", "etcd-servers-overrides", "feature-gates", "node-labels"),
        *("runtime-config", "service-account-issuer", "service-account-key-file", "service-cluster-ip-range"),
        *("tls-cipher-suites", "tls-sni-cert-key"),
    }
)
"""The flags of which each one given adds to a list or a map.

https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/
"""

_ARCHITECTURE = re.compile(r"-(?:amd64|arm64|arm|ppc64le|s390x)$").sub


class Word(NamedTuple):
    """A word of a command line, and where it is written."""

    text: str
    at: DocPath


def component_resources(pod: Pod, container: Node, title: str, image: Found) -> Iterator[Resource]:
    """The resource of a container that runs a component of Kubernetes; none for any other."""
    words = [*_words(container["command"]), *_words(container["args"])]
    component, flags = _told(words) or (_of_image(image.value, words), words)
    if component is None:
        return
    about = pod.maker.metadata
    facts = Facts(KIND, container.document, container.at, container.context)
    facts.put("name", title, container["name"].at)
    put(facts, "namespace", about.namespace)
    facts.put("component", component, _line(container).at)
    put(facts, "labels", pod.labels)
    found = _flags(component, flags)
    put_map(facts, "flags", {**_variables(container, component), **found}, _line(container).at)
    if _sets_more(container, component, words, facts["flags"]):
        facts.leave_open("flags", _ELSEWHERE)
    leave_out(facts, KIND.fields, pod.maker.partial)
    yield facts.resource(title, about.scope, ORIGIN, pod.maker.title)


def _line(container: Node) -> Node:
    """The first of what is written of the command line; the image where it is all the image's."""
    return next((container[key] for key in ("command", "args") if container[key].written), container["image"])


def _words(node: Node) -> list[Word]:
    items = node.value if isinstance(node.value, list) else []
    return [Word(item, (*node.at, index)) for index, item in enumerate(items) if isinstance(item, str)]


def _told(words: Sequence[Word]) -> tuple[str, Sequence[Word]] | None:
    """The component that a command line runs, and its arguments."""
    texts = [word.text for word in words]
    for index, word in enumerate(texts):
        name = word.rpartition("/")[2]
        if name in COMPONENTS:
            return name, words[index + 1 :]
        if name == "hyperkube" and texts[index + 1 : index + 2]:
            component = _HYPERKUBE.get(texts[index + 1])
            return (component, words[index + 2 :]) if component else None
        if name in _SHELLS and (script := _script_of(words[index + 1 : index + 4])):
            return _told(_script(script))
        if name not in ("exec", "sudo", "env") and "=" not in name:
            return None
    return None


def _script_of(arguments: Sequence[Word]) -> Word | None:
    """What a shell is given to run: the word after ``-c``, ``-ec``, ...; None where it is given none."""
    for option, script in itertools.pairwise(arguments):
        if option.text.startswith("-") and option.text.endswith("c"):
            return script
    return None


def _script(script: Word) -> list[Word]:
    """The words of a shell's first command that is one of the components."""
    lines = script.text.replace("\\\n", " ").replace("\n", " ; ")
    lexer = shlex.shlex(lines, posix=True, punctuation_chars=";|&")
    lexer.whitespace_split = True
    try:
        found = list(lexer)
    except ValueError:  # a quote that is not closed
        return []
    start = next((index for index, word in enumerate(found) if word.rpartition("/")[2] in COMPONENTS), len(found))
    end = next((index for index in range(start, len(found)) if _ENDS(found[index])), len(found))
    return [Word(text, script.at) for text in found[start:end]]


def _of_image(image: object, words: Sequence[Word]) -> str | None:
    """The component by its image, where the command is the image's own."""
    if not isinstance(image, str) or (words and not words[0].text.startswith("-")):
        return None
    name = _ARCHITECTURE("", image.partition("@")[0].rpartition("/")[2].partition(":")[0])
    return name if name in COMPONENTS else None


def _flags(component: str, words: Sequence[Word]) -> dict[str, Found]:
    """The flags by name. Dashes and underscores are one to Kubernetes' programs, which add a repeated list to itself;

    of any other flag, and of all of etcd's, the last one counts.
    """
    found: dict[str, Found] = {}
    for index, word in enumerate(words):
        if not word.text.startswith("-") or word.text in ("-", "--"):
            continue
        name, equals, value = word.text.lstrip("-").partition("=")
        name = name if component == "etcd" else name.replace("_", "-")
        following = words[index + 1] if index + 1 < len(words) else None
        if not equals and following and not following.text.startswith("-"):
            word, value = following, following.text
        elif not equals:
            value = "true"
        before = found[name].value if name in found and name in _LISTS and component != "etcd" else None
        known = f"{before},{value}" if isinstance(before, str) else value
        found[name] = Found(_BY_VARIABLE if is_placeholder(known) else known, word.at)
    for file, name in _SAID_BY_FILES.items():
        if file in found:
            found.setdefault(name, Found(_IN_FILE, found[file].at))
    return found


def _sets_more(container: Node, component: str, words: Sequence[Word], flags: object) -> bool:
    """Whether something beside what can be read of the command line sets flags."""
    lists = [container[key] for key in ("command", "args")]
    if any(node.written and not isinstance(node.value, list) for node in lists):
        return True
    if any(is_placeholder(word.text) and not word.text.startswith("-") for word in words):
        return True
    if isinstance(flags, dict) and not _FILE_FLAGS.isdisjoint(flags):
        return True
    return component == "etcd" and bool(container["envFrom"].value)


def _variables(container: Node, component: str) -> dict[str, Found]:
    """What etcd takes from its environment where no flag says it: ``ETCD_AUTO_TLS`` is ``--auto-tls``.

    https://etcd.io/docs/latest/op-guide/configuration/
    """
    found: dict[str, Found] = {}
    for item in _mappings(container["env"]) if component == "etcd" else ():
        name, value = item["name"].value, item["value"].value
        if isinstance(name, str) and name.startswith("ETCD_"):
            flag = name.removeprefix("ETCD_").lower().replace("_", "-")
            settled = isinstance(value, str) and not is_placeholder(value)
            found[flag] = Found(value if settled else _BY_VARIABLE, item.at)
    return found


def _mappings(node: Node) -> list[Node]:
    return [item for item in node.each() if isinstance(item.value, dict)] if isinstance(node.value, list) else []
