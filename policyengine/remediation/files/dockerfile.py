"""How what policies say of Dockerfiles is made so in their text.

https://docs.docker.com/reference/dockerfile/
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from policyengine.documents.editing.dockerfile import stage_user_place
from policyengine.documents.editing.instructions import (
    Argument,
    Dropped,
    Followed,
    Inserted,
    InstructionEdit,
    Rewritten,
    Word,
    WordsAfter,
)
from policyengine.errors import EditError
from policyengine.images.user import WINDOWS_USER
from policyengine.remediation.changes import AddItems, RemoveField, SetField

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from policyengine.documents.dockerfile_commands import Placed
    from policyengine.documents.dockerfile_instruction import Instruction
    from policyengine.model.paths import FieldPath
    from policyengine.remediation.changes import FieldChange
    from policyengine.remediation.files.written import FileEdit, Rule, Written

_AUTHORS = "org.opencontainers.image.authors"
"""https://docs.docker.com/reference/dockerfile/#maintainer-deprecated says to use this label."""

_CLEANED = {
    "apk": "rm -rf /var/cache/apk/*",
    "apt": "rm -rf /var/lib/apt/lists/*",
    "dnf": "{program} clean all",
    "yarn": "yarn cache clean",
    "yum": "yum clean all",
    "zypper": "zypper clean --all",
}
"""By package manager: the command that removes what it keeps."""

_NO_CACHE = {"apk": "--no-cache", "pip": "--no-cache-dir"}
"""By package manager: the option by which it keeps nothing."""

_SAME_IN_APT_GET = frozenset(("install", "update", "remove", "purge", "autoremove", "clean", "autoclean", "build-dep"))
"""Commands that apt and apt-get understand alike: https://manpages.debian.org/bookworm/apt/apt.8.en.html"""

_TLS_OFF = frozenset(("-k", "--insecure", "--no-check-certificate", "--no-check-hostname"))
"""Options that are nothing else than that no certificate is verified."""

_OF_CURL = re.compile(r"-[#0-46aBfgGijIlLnNOpqRsSv]*k[#0-46aBfgGijIlLnNOpqRsSv]*").fullmatch
"""Several of curl's options in one word, none of which takes a value: https://curl.se/docs/manpage.html"""

_LITERAL = re.compile(r"[A-Za-z0-9_@%+=:,./-]+").fullmatch
_SHELL_WORDS = frozenset(("cd", "exec", "export", "set", "source", "test", "trap", "ulimit", "umask", "wait", ".", "["))


def _instruction_edited(change: FieldChange, written: Written) -> list[FileEdit]:
    """The instruction itself: it goes, or another one says the same."""
    file, at = written.place(("instruction",))
    number = _number(at)
    if isinstance(change, RemoveField):
        return [(file, Dropped(number))]
    keyword = change.value if isinstance(change, SetField) else None
    known = {"COPY": _as_copy, "LABEL": _as_label}.get(str(keyword))
    if known is None:
        raise EditError("the instruction is no other's to say")
    return [(file, Rewritten(number, known(written.dockerfile(file).instructions[number], written)))]


def _as_copy(instruction: Instruction, written: Written) -> str:
    """COPY for ADD, where each source is one that ADD just copies.

    https://docs.docker.com/reference/dockerfile/#copy (its flags)
    """
    found, sources = written.facts.get("plain_sources"), written.facts.get("sources")
    plain = found if isinstance(found, list) else []
    if instruction.keyword != "ADD" or not isinstance(sources, list) or len(plain) != len(sources):
        raise EditError("ADD may fetch or unpack one of its sources, and COPY would not")
    if any(flag.name not in ("chown", "chmod", "link", "exclude") for flag in instruction.flags):
        raise EditError("COPY knows not every flag of it")
    return "COPY"


def _as_label(instruction: Instruction, _: Written) -> str:
    text = instruction.arguments.text
    if instruction.keyword != "MAINTAINER" or "$" in text or "\\" in text:
        raise EditError("a variable or an escape decides what stands there")
    return f"LABEL {_AUTHORS}={json.dumps(text.strip(chr(34) + chr(39)), ensure_ascii=False)}"


def _number(at: Sequence[str | int]) -> int:
    """The number of the instruction that a place is in. Raises :class:`EditError` for what ONBUILD leaves to others."""
    if "trigger" in at or not isinstance(at[0], int):
        raise EditError("it is what ONBUILD leaves to other builds")
    return at[0]


def _package(change: FieldChange, written: Written) -> list[FileEdit]:
    """What a package manager is told: ``packages["apt"][0].assume_yes``."""
    if not isinstance(change, SetField) or len(change.path) != 4:
        raise EditError("of a package manager's command one setting is changed")
    _, manager, _, setting = change.path
    file, at = written.place(change.path[:3])
    number, command, placed = _command(file, at, written)
    if setting == "keeps_cache":
        return [(file, edit) for edit in _keeping_nothing(str(manager), number, placed, written)]
    action = _action(placed, change.path, written)
    if setting == "assume_yes":
        return [(file, WordsAfter(number, command, action, "-y"))]
    if setting == "recommends":
        return [(file, WordsAfter(number, command, action, "--no-install-recommends"))]
    if setting == "program":
        return [(file, _apt_get(number, command, placed, action))]
    raise EditError(f"{setting} of {manager} is not changed")


def _keeping_nothing(manager: str, number: int, placed: Placed, written: Written) -> list[InstructionEdit]:
    """By an option of all commands of a package manager, or by a command that removes what they keep.

    What keeps its cache is told of the first of several only.
    """
    found = written.fact(("packages", manager))
    commands = found if isinstance(found, list) else []
    fetches = any(isinstance(one, dict) and one.get("action") == "update" for one in commands)
    if manager in _CLEANED and (manager not in _NO_CACHE or fetches):
        return [Followed(number, _CLEANED[manager].format(program=placed.run.name))]
    option = _NO_CACHE.get(manager)
    if option is None:
        raise EditError(f"what {manager} keeps is not removed")
    edits: list[InstructionEdit] = []
    for index in range(len(commands)):
        path = ("packages", manager, index)
        file, at = written.place(path)
        number, command, one = _command(file, at, written)
        if option not in one.run.args and written.fact((*path, "action")) in ("install", "upgrade"):
            edits.append(WordsAfter(number, command, _action(one, path, written), option))
    return edits


def _action(placed: Placed, path: FieldPath, written: Written) -> int:
    """The number of the word that says what a package manager is to do: ``install``, behind which its options may be.

    It is the word before the first that is its argument, and none of an option's: the first that is written without a
    dash right behind the name, or behind options that take no value.
    """
    _, _, found = path[:3]
    args = placed.run.args
    first = next((index for index, arg in enumerate(args) if not arg.startswith("-")), None)
    packages = written.fact((*path[:3], "packages"))
    named = packages if isinstance(packages, list) else []
    if first is None or args[first] in named or any(arg in ("-o", "-t", "-c", "--option") for arg in args[:first]):
        raise EditError("the word that says what it does was not found", hint=str(found))
    return first + 1


def _apt_get(number: int, command: int, placed: Placed, action: int) -> Word:
    """apt-get for apt, which warns of itself that its command line is not stable."""
    if placed.run.name != "apt" or placed.run.args[action - 1] not in _SAME_IN_APT_GET:
        raise EditError("apt-get does not understand this command as apt does")
    return Word(number, command, 0, "apt-get")


def _command(file: str, at: Sequence[str | int], written: Written) -> tuple[int, int, Placed]:
    """The number of the instruction, of the command in it, and the command."""
    number = _number(at)
    command = at[2] if len(at) > 2 and at[1] == "commands" else None
    found = written.dockerfile(file).commands((number,)).found
    if not isinstance(command, int) or command >= len(found):
        raise EditError("the command was not found")
    return number, command, found[command]


def _call(change: FieldChange, written: Written) -> list[FileEdit]:
    """The commands by their program: options are added, and one that only runs another goes."""
    if isinstance(change, AddItems) and change.path[3:] == ("options",):
        file, at = written.place(change.path[:3])
        number, command, _ = _command(file, at, written)
        options = " ".join(f"-{item}" if len(item) == 1 else f"--{item}" for item in change.items)
        return [(file, WordsAfter(number, command, 0, options))]
    if isinstance(change, RemoveField) and len(change.path) == 2:
        calls = written.fact(change.path)
        places = [written.place((*change.path, index)) for index in range(len(calls) if isinstance(calls, list) else 0)]
        commands = [(file, _command(file, at, written)) for file, at in places]
        return [(file, Word(number, command, 0, None)) for file, (number, command, _) in commands]
    raise EditError("of a command only options are added")


def _verified(change: FieldChange, written: Written) -> list[FileEdit]:
    """The option goes by which a program does not verify whom it talks to."""
    if not isinstance(change, RemoveField):
        raise EditError("what turns the verification off is taken away, and not changed")
    file, at = written.place(change.path)
    number, command, placed = _command(file, at, written)
    arg = at[4] if len(at) > 4 else None
    option = placed.run.args[arg] if isinstance(arg, int) else ""
    if not isinstance(arg, int) or not (option in _TLS_OFF or _OF_CURL(option)):
        raise EditError("it is not one option by itself")
    return [(file, Word(number, command, arg + 1, None if option in _TLS_OFF else option.replace("k", "")))]


def _absolute(change: FieldChange, written: Written) -> list[FileEdit]:
    """The path of a WORKDIR from the root, where it is known what it begins in."""
    file, at = written.place(("instruction",))
    number = _number(at)
    workdir = written.facts.get("workdir")
    if written.dockerfile(file).instructions[number].keyword != "WORKDIR" or change != SetField(("absolute",), True):
        raise EditError("the path of WORKDIR alone is made absolute")
    if not isinstance(workdir, str) or not workdir.startswith("/") or _LITERAL(workdir) is None:
        raise EditError("the directory that it begins in is not known")
    return [(file, Argument(number, 0, workdir))]


def _exec_form(change: FieldChange, written: Written) -> list[FileEdit]:
    """The exec form of a command that needs no shell: one program, and words that mean themselves."""
    file, at = written.place(("instruction",))
    number = _number(at)
    document = written.dockerfile(file)
    instruction, commands = document.instructions[number], document.commands((number,))
    if change != SetField(("form",), "exec") or instruction.form != "shell" or instruction.heredocs:
        raise EditError("the shell form becomes the exec form, and nothing else")
    words = instruction.arguments.text.split()
    if commands.error or len(commands.found) != 1 or not all(map(_LITERAL, words)) or "=" in words[0]:
        raise EditError("a shell is needed for what is run")
    if words[0] in _SHELL_WORDS or [words[0].rpartition("/")[2], *commands.found[0].run.args] != _bare(words):
        raise EditError("a shell is needed for what is run")
    return [(file, Rewritten(number, f"{instruction.keyword} {json.dumps(words)}"))]


def _bare(words: Sequence[str]) -> list[str]:
    return [words[0].rpartition("/")[2], *words[1:]]


def _user(change: FieldChange, written: Written) -> list[FileEdit]:
    """The user of the image: what the last stage ends with, before its CMD and ENTRYPOINT."""
    if not isinstance(change, SetField):
        raise EditError("the base image's user may be root")
    if written.fact(("default_user",)) == WINDOWS_USER:
        raise EditError("users of Windows have no numbers: ContainerUser is one who may do little")
    file, at = written.place(())
    document = written.dockerfile(file)
    first = _number(at)
    number = stage_user_place(document.path, document.text, first)
    before = document.instructions[number - 1]
    if before.keyword == "USER":
        return [(file, Argument(number - 1, 0, str(change.value)))]
    return [(file, Inserted(number, f"USER {change.value}"))]


def _expose(change: FieldChange, written: Written) -> list[FileEdit]:
    """A port that is no more told; with it the instruction, where it tells no other."""
    if not isinstance(change, RemoveField) or len(change.path) != 2:
        raise EditError("of EXPOSE a port is taken away")
    file, at = written.place(change.path)
    number, index = _number(at), at[2] if len(at) > 2 else None
    instruction = written.dockerfile(file).instructions[number]
    if not isinstance(index, int) or instruction.words[index].text.partition("/")[0] not in _ports(change, written):
        raise EditError("a variable or a range names the port")
    if len(instruction.words) == 1:
        return [(file, Dropped(number))]
    return [(file, Argument(number, index, None))]


def _ports(change: FieldChange, written: Written) -> tuple[str, ...]:
    port = written.fact(change.path)
    return (port.partition("/")[0],) if isinstance(port, str) else ()


def _reference(change: FieldChange, written: Written) -> list[FileEdit]:
    """The image that FROM names."""
    file, at = written.place(())
    number = _number(at)
    if not isinstance(change, SetField) or at[1:] != ("arguments", 0):
        raise EditError("of the images that a Dockerfile names the one of FROM is changed")
    if "$" in written.dockerfile(file).instructions[number].words[0].text:
        raise EditError("a variable decides what stands there")
    return [(file, Argument(number, 0, str(change.value)))]


FIELDS: Mapping[str, Mapping[str, Rule]] = {
    "dockerfile": {"user": _user, "expose": _expose},
    "image_ref": {"reference": _reference},
    "instruction": {
        "absolute": _absolute,
        "calls": _call,
        "form": _exec_form,
        "instruction": _instruction_edited,
        "packages": _package,
        "tls_off": _verified,
    },
}
"""By kind of resource: how a change of each field is made."""
