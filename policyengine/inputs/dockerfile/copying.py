"""What ADD and COPY copy: which stage COPY --from names, and which sources of ADD are no more than copied.

https://docs.docker.com/reference/dockerfile/#copy---from
https://docs.docker.com/reference/dockerfile/#adding-local-tar-archives
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from policyengine.images.archive import is_archive
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from policyengine.inputs.dockerfile.stages import Stage

_FILE = re.compile(r"""(?:.*/)?[^/$]*\.[A-Za-z][A-Za-z0-9]{0,9}["']?""", re.DOTALL).fullmatch
_FROM_ELSEWHERE = re.compile(r"(?i)ur[il]|repo|git|download|mirror|site|host|archive|tar|rootfs|remote").search


def copies_from(name: str, own: Stage, stages: Sequence[Stage]) -> str | Unknown:
    """What ``COPY --from`` in the stage ``own`` names, in the words of the model.

    A number is a stage's. BuildKit finds later stages too; Docker's first builder takes their names for images.
    """
    if "$" in name:
        return Unknown("stage", "a variable stands where Docker replaces none")
    number = next((one.index for one in reversed(stages[: own.index + 1]) if _is(one, name)), None)
    if number is None and any(_is(one, name) for one in stages):
        return "later stage"
    if number is None:
        return "image" if re.search(r"[/:@]", name) else "word"
    return "itself" if number == own.index else "stage"


def _is(stage: Stage, name: str) -> bool:
    return name.lower() == stage.name.lower() or name == str(stage.index)


def plain_sources(
    written: Sequence[str], words: Sequence[str | Unknown], remote: Collection[int]
) -> list[tuple[int, str | Unknown]]:
    """The sources of ADD that COPY copies just so, with their numbers.

    ADD fetches the ``remote`` ones, and unpacks archives, which their names tell. A source that a variable names is
    unknown but where the destination is called as a file, and the variable not as what is elsewhere or unpacked.
    """
    local = ((number, source) for number, source in enumerate(words[:-1]) if number not in remote)
    file = _FILE(written[-1]) is not None and not is_archive(written[-1])
    plain = ((number, _plain(written[number], source, file=file)) for number, source in local)
    return [(number, source) for number, source in plain if source is not None]


def _plain(written: str, source: str | Unknown, *, file: bool) -> str | Unknown | None:
    if isinstance(source, str):
        return None if is_archive(source.strip("\"'")) else source
    if is_archive(written.strip("\"'")):
        return None
    return written if file and not _FROM_ELSEWHERE(written) else source
