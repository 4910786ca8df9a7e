"""What a derived image is built of: a Dockerfile, and the files that it copies."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Mapping  # noqa: TC003 - plans are decoded by these types
from hashlib import sha256

from msgspec import Struct, field

MARK = "policyengine.build"
"""The label with the run of the build: what a build that failed has left has it, too."""
RECIPE = "policyengine.recipe"
"""The label with the digest of the recipe."""
_PLACE = "files"
_MODE = 0o644


class Recipe(Struct, frozen=True):
    """How an image is derived from ``base``: the ``steps`` after FROM, with ``files`` by the names they are copied by.

    ``network`` says whether its steps may reach one; ``policies`` are those that it is for.
    """

    base: str
    steps: tuple[str, ...]
    files: Mapping[str, str] = field(default_factory=dict)
    network: bool = False
    policies: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """What tells a recipe from others."""
        said = json.dumps([self.dockerfile(), sorted(self.files.items()), self.network])
        return sha256(said.encode()).hexdigest()

    def dockerfile(self, *labels: tuple[str, str]) -> str:
        """The Dockerfile, with labels that are set before anything else."""
        set_ = [f"LABEL {name}={json.dumps(value)}" for name, value in labels]
        return "".join(f"{line}\n" for line in (f"FROM {self.base}", *set_, *self.steps))

    def context(self, mark: str) -> bytes:
        """All that the build needs, as a tar file; root's, and of no time."""
        files = {"Dockerfile": self.dockerfile((MARK, mark), (RECIPE, self.digest)), **self.files}
        with io.BytesIO() as buffer:
            with tarfile.open(fileobj=buffer, mode="w") as archive:
                for name, text in files.items():
                    member = tarfile.TarInfo(name)
                    member.size, member.mode = len(text.encode()), _MODE
                    archive.addfile(member, io.BytesIO(text.encode()))
            return buffer.getvalue()


def copied(index: int) -> str:
    """The name in the context of the file of that number."""
    return f"{_PLACE}/{index}"
