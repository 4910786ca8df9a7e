"""Directories that nobody would write: an input, and beside it files that it refers to."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from tests.fuzz.mutate import (
    ACCOUNTS_WORDS,
    DOCKERFILE_WORDS,
    FIREWALL_WORDS,
    IGNORE_WORDS,
    SSH_WORDS,
    SSHD_WORDS,
    SUDOERS_WORDS,
    VARIABLE_WORDS,
    YAML_WORDS,
    Mutator,
    TreeMutator,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NAMES = {
    "accounts": "passwd",
    "compose": "compose.yaml",
    "docker": "snapshot.json",
    "docker_config": "daemon.json",
    "dockerfile": "Dockerfile",
    "firewall": "rules.v4",
    "host": "snapshot.yaml",
    "kubernetes": "manifests.yaml",
    "ssh": "ssh_config",
    "sshd": "sshd_config",
    "sudoers": "sudoers",
}
"""The file that is judged, of each reader."""

_VARIABLES = (b"A=1\nB=${A:-2}\nTAG='x'\n", b'export MONITOR_TAG="1 ${A}"\n# c\nC\n', b"COMPOSE_PROFILES=a,b\n")
_IGNORED = (b"*\n!src/**\n# c\n.git\n", b"**/*.pem\nsecrets/\n/a?b\n")
_SOME = 0.3
"""How many inputs have a file beside them."""

Mutators = list[Mutator | TreeMutator]


class Projects:
    """Makes directories from samples, the same ones for the same seed. Every second input of what is YAML is so."""

    def __init__(self, reader: str, samples: Sequence[bytes], seed: int) -> None:
        self._name = NAMES[reader]
        self._random = random.Random(seed)
        self._made = 0
        self._of: Mutators = _of(reader, samples, seed)
        self._beside: Mapping[str, Mutators] = {}
        if reader == "compose":
            variables: Mutators = [Mutator(_VARIABLES, VARIABLE_WORDS, seed)]
            self._beside = {"compose.override.yaml": self._of, "base.yaml": self._of, ".env": variables}
            self._beside |= {"app.env": variables}
        elif reader == "accounts":
            self._beside = dict.fromkeys(("shadow", "group", "gshadow", "login.defs"), self._of)
        elif reader == "dockerfile":
            self._beside = {".dockerignore": [Mutator(_IGNORED, IGNORE_WORDS, seed)]}

    def files(self) -> dict[str, bytes]:
        """The next directory: the input itself first."""
        self._made += 1
        found = {self._name: self._of[self._made % len(self._of)].input()}
        for name, mutators in self._beside.items():
            if self._random.random() < _SOME:
                found[name] = self._random.choice(mutators).input()
        return found


def _of(reader: str, samples: Sequence[bytes], seed: int) -> Mutators:
    if reader == "accounts":
        return [Mutator(samples, ACCOUNTS_WORDS, seed)]
    if reader == "dockerfile":
        return [Mutator(samples, DOCKERFILE_WORDS, seed)]
    if reader == "firewall":
        return [Mutator(samples, FIREWALL_WORDS, seed)]
    if reader == "ssh":
        return [Mutator(samples, SSH_WORDS, seed)]
    if reader == "sshd":
        return [Mutator(samples, SSHD_WORDS, seed)]
    if reader == "sudoers":
        return [Mutator(samples, SUDOERS_WORDS, seed)]
    return [Mutator(samples, YAML_WORDS, seed), TreeMutator(samples, seed)]
