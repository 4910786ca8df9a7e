"""Security contexts of Pods and containers, in the words of engines.

https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#security-context
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from policyengine.inputs import normal
from policyengine.inputs.kubernetes.node import Found
from policyengine.inputs.kubernetes.parts import Parts
from policyengine.model.unknown import RESOLVE_IMAGE, Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.inputs.kubernetes.node import Node
    from policyengine.inputs.kubernetes.parts import Part

IMAGE_USER = "image.user"
"""The fact that is missing where the image decides who the user is."""

_APPARMOR_ANNOTATION = "container.apparmor.security.beta.kubernetes.io/"
_SECCOMP_ANNOTATIONS = ("container.seccomp.security.alpha.kubernetes.io/", "seccomp.security.alpha.kubernetes.io/pod")
_ADMINISTRATORS = frozenset({"containeradministrator", "system"})
"""Who may do everything in a container of Windows, or as a HostProcess container on its node, in lower case."""

_SELINUX_OPTIONS = ("user", "role", "type", "level")


class Security(Struct, frozen=True):
    """What a Pod and a container can both set; a container's own comes before its Pod's."""

    user: Found
    group: Found
    non_root: Found
    seccomp: Found
    apparmor: Found
    selinux: tuple[Found, ...]
    windows_user: Found
    host_process: Found

    def inherit(self, pod: Security) -> Security:
        """What is in force in a container of that Pod."""
        return Security(
            self.user.or_else(pod.user),
            self.group.or_else(pod.group),
            self.non_root.or_else(pod.non_root),
            self.seccomp.or_else(pod.seccomp),
            self.apparmor.or_else(pod.apparmor),
            self.selinux or pod.selinux,
            self.windows_user.or_else(pod.windows_user),
            self.host_process.or_else(pod.host_process),
        )

    def or_annotated(self, annotations: Found, container: str) -> Security:
        """The same, with the profiles of a container that the Pod's annotations name where no field does."""
        if not isinstance(annotations.value, dict):
            return self
        return replace(
            self,
            seccomp=self.seccomp.or_else(annotated_seccomp(annotations, container)),
            apparmor=self.apparmor.or_else(annotated_apparmor(annotations, container)),
        )

    @property
    def options(self) -> list[Found]:
        """The options of an engine that say the same as the profiles."""
        return [option for option in (self.seccomp, self.apparmor, *self.selinux) if option.value is not None]


def security(context: Node) -> Security:
    """Read the part of a ``securityContext`` that Pods and containers share."""
    windows = context["windowsOptions"].mapping()
    return Security(
        context["runAsUser"].integer(),
        context["runAsGroup"].integer(),
        context["runAsNonRoot"].boolean(),
        _profile(context["seccompProfile"].mapping(), "seccomp"),
        _profile(context["appArmorProfile"].mapping(), "apparmor"),
        _selinux(context["seLinuxOptions"].mapping()),
        windows["runAsUserName"].text(),
        windows["hostProcess"].boolean(),
    )


def annotated_apparmor(annotations: Found, container: str) -> Found:
    """The AppArmor profile of a container by the annotation that came before ``appArmorProfile``."""
    key = _APPARMOR_ANNOTATION + container
    written = annotations.value.get(key) if isinstance(annotations.value, dict) else None
    at = (*annotations.at, key)
    if not isinstance(written, str) or not written:
        return Found(None, at)
    return Found(f"apparmor={written.removeprefix('localhost/')}", at)


def annotated_seccomp(annotations: Found, container: str) -> Found:
    """``unconfined`` by the annotations that came before ``seccompProfile``; what else they say has no effect now.

    https://kubernetes.io/blog/2023/04/11/kubernetes-v1-27-release/ (seccomp annotations are no longer heeded)
    """
    values = annotations.value if isinstance(annotations.value, dict) else {}
    of_container, of_pod = _SECCOMP_ANNOTATIONS
    key = next((key for key in (of_container + container, of_pod) if key in values), of_pod)
    return Found("seccomp=unconfined" if values.get(key) == "unconfined" else None, (*annotations.at, key))


def apparmor_annotations(annotations: Found) -> Part:
    """The AppArmor profiles that a Pod's annotations name, by container."""
    if not isinstance(annotations.value, dict):
        return annotations
    found = {
        key.removeprefix(_APPARMOR_ANNOTATION): Found(value, (*annotations.at, key))
        for key, value in annotations.value.items()
        if key.startswith(_APPARMOR_ANNOTATION)
    }
    return Parts(annotations.at, found) if found else Found(None, annotations.at)


def seccomp_annotation(annotations: Found, container: str | None = None) -> Found:
    """The seccomp profile that an annotation names: of a container, or of the Pod."""
    of_container, of_pod = _SECCOMP_ANNOTATIONS
    key = of_pod if container is None else of_container + container
    if not isinstance(annotations.value, dict):
        return annotations
    return Found(annotations.value.get(key), (*annotations.at, key))


def user(here: Security, image: str | None) -> Found:
    """``uid[:gid]``, on Windows a name; unknown where it is the image's matter."""
    if here.user.value is None and here.windows_user.value is not None:
        return here.windows_user
    if here.user.value is None:
        return Found(_image_user(image), here.user.at)
    group = here.group.value
    if isinstance(here.user.value, int) and isinstance(group, int):
        return Found(f"{int(here.user.value)}:{int(group)}", here.user.at)
    return here.user


def runs_as_root(here: Security, image: str | None) -> Found:
    """Whether the process starts as uid 0, or as what is root on Windows.

    The kubelet refuses root where ``runAsNonRoot`` is in force.
    """
    uid = here.user.value
    if isinstance(uid, int):
        return Found(uid == 0, here.user.at)
    if here.non_root.value is True:
        return Found(value=False, at=here.non_root.at)
    if uid is None and isinstance(here.non_root.value, Unknown):
        return here.non_root
    if uid is None and isinstance(here.windows_user.value, str):
        return Found(here.windows_user.value.rpartition("\\")[2].lower() in _ADMINISTRATORS, here.windows_user.at)
    return Found(_image_user(image) if uid is None else uid, here.user.at)


def capabilities(added_or_dropped: Node) -> Found:
    """Names of capabilities in upper case, without CAP_."""
    found = added_or_dropped.texts()
    if not isinstance(found.value, list):
        return found
    return Found([normal.capability(name) if isinstance(name, str) else name for name in found.value], found.at)


def _image_user(image: str | None) -> Unknown:
    which = f"the image {image}" if image else "the image, which is not written here"
    return Unknown(IMAGE_USER, f"the user depends on {which}", RESOLVE_IMAGE)


def _profile(profile: Node, option: str) -> Found:
    """A seccomp or AppArmor profile as engines write it: unconfined, or the profile's name."""
    type_ = profile["type"].text()
    named = profile["localhostProfile"].text()
    if not isinstance(type_.value, str):
        return type_
    words: Mapping[str, object] = {
        "Unconfined": "unconfined",
        "RuntimeDefault": "runtime/default",
        "Localhost": named.value,
    }
    word = words.get(type_.value, type_.value)
    return Found(f"{option}={word}" if isinstance(word, str) else word, type_.at)


def _selinux(options: Node) -> tuple[Found, ...]:
    found = ((name, options[name].text()) for name in _SELINUX_OPTIONS)
    return tuple(
        Found(f"label={name}:{value.value}" if isinstance(value.value, str) else value.value, value.at)
        for name, value in found
        if value.value is not None
    )
