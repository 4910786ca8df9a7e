"""Write anew what the readers make of the fixtures: ``python -m tests.inputs.rewrite``.

For a change of the model that is meant; read the difference before it is committed.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tests.inputs import compose_reading, dockerfile_reading, test_docker, test_dockerfile, test_kubernetes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def _fixtures() -> Iterator[tuple[Path, str]]:
    """Each file of what is expected, and what it should hold."""
    for path in compose_reading.FILES:
        yield path.parent / "resources.txt", compose_reading.described(path)
    for path in test_dockerfile.FILES:
        yield path.parent / "resources.txt", dockerfile_reading.described(path)
    for name in test_docker.CASES:
        yield test_docker.FIXTURES / name / "expected.txt", test_docker.case(name)[1]
    for name in test_kubernetes.CASES:
        yield test_kubernetes.FIXTURES / name / "expected.txt", test_kubernetes.case(name)[1]


def main() -> None:
    for path, text in _fixtures():
        if path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
