"""Instructions of Dockerfiles."""

from policyengine.model.types import (
    BOOLEAN,
    INTEGER,
    LABELS,
    STRING,
    STRINGS,
    Field,
    Kind,
    Type,
    list_of,
    map_of,
    object_of,
    one_of,
)

_KEYWORDS = one_of(
    *("ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER"),
    *("ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"),
)

COMMAND = object_of(
    name=Field(STRING, "the program, without its directory; unknown where a variable names it"),
    args=Field(STRINGS, "its arguments, without quotes, variables as written"),
    options=Field(STRINGS, "those that begin with a dash, without dashes and values; -yq is y and q"),
    operands=Field(STRINGS, "the others: install and curl in apt-get -y install curl"),
    text=Field(STRING, "the command as written, continued lines joined"),
    variables=Field(
        map_of(Type("string", nullable=True)),
        "the variables that are set for it alone (A=1 make); null for a value that is not known",
        sensitive=True,
    ),
    through=Field(STRINGS, "the commands that run it, the outermost first: sudo, env, xargs, sh -c"),
    piped=Field(BOOLEAN, "its output is another command's input"),
    reads_from=Field(STRINGS, "the commands whose output is its input: curl for the sh of curl | sh"),
)

PACKAGE_COMMAND = object_of(
    program=Field(STRING, "the program: apt-get, pip3, microdnf"),
    action=Field(
        one_of("install", "update", "upgrade", "dist-upgrade", "remove", "clean", "other"),
        "what it does; update fetches the index, as apt-get update and zypper refresh do; yum update is an upgrade",
    ),
    packages=Field(STRINGS, "the packages, files and addresses that it names"),
    unpinned=Field(
        STRINGS,
        "those of an installation that come in whatever version there is; open where a variable names some; "
        "files, and what a file lists, are none of them",
    ),
    assume_yes=Field(BOOLEAN, "nothing is asked; of apt, yum, dnf and zypper where they would ask"),
    recommends=Field(BOOLEAN, "apt installs what the packages recommend, too"),
    verified=Field(BOOLEAN, "false: it is told to take packages that nobody signed"),
    keeps_cache=Field(
        BOOLEAN,
        "what it fetches for itself stays in the layer: apt's lists, the cache of others; false where the instruction "
        "removes it, where it is on a mount, and where none is made; true for the first of several only",
    ),
    stale_index=Field(BOOLEAN, "it installs by an index that an instruction of its own has fetched, maybe long ago"),
)

_DOWNLOAD = object_of(
    url=Field(STRING, "the address, without user and password; unknown where a variable names it"),
    verified=Field(BOOLEAN, "a checksum or a signature is checked after it in the same instruction"),
)

_TLS_OFF = object_of(
    tool=Field(one_of("curl", "git", "node", "pip", "wget", "yum"), "who is told"),
    how=Field(STRING, "the option, the setting or the variable"),
)

KIND = Kind(
    "instruction",
    "One instruction of a Dockerfile; what ONBUILD triggers is one of its own, too",
    {
        "instruction": Field(_KEYWORDS, "the instruction"),
        "arguments": Field(STRING, "its arguments, continued lines joined; of ENV and ARG the names only"),
        "flags": Field(LABELS, "its flags: --from=build is from: build; of ADD and COPY variables are replaced"),
        "sources": Field(STRINGS, "what ADD and COPY copy, variables replaced"),
        "destination": Field(STRING, "where ADD and COPY copy to, variables replaced"),
        "remote_sources": Field(
            STRINGS, "the sources of ADD that are URLs or git repositories; a variable without a known value as written"
        ),
        "plain_sources": Field(
            STRINGS,
            "the sources of ADD that it takes as they are: neither fetched nor unpacked; those that are known",
        ),
        "copies_from": Field(
            one_of("image", "itself", "later stage", "stage", "word"),
            "what COPY --from names: an earlier stage, its own, a later one, an image, or a word that is no stage's "
            "and can only be an image without a tag, or a build context; absent in ONBUILD",
        ),
        "absolute": Field(
            BOOLEAN,
            "the destination of ADD and COPY, and the path of WORKDIR, is absolute; unknown where a variable decides",
        ),
        "workdir": Field(
            STRING,
            "the directory that WORKDIR sets, or that ADD and COPY work in; absent where only the base image sets one",
        ),
        "refers_to_own": Field(
            STRINGS, "the variables of ENV whose values refer to one that the same ENV sets, and nothing before it"
        ),
        "overridden": Field(BOOLEAN, "a later CMD, ENTRYPOINT or HEALTHCHECK of the stage takes its place"),
        "form": Field(one_of("exec", "shell"), "exec is a JSON array; for RUN, CMD, ENTRYPOINT and SHELL"),
        "shell": Field(STRINGS, "what runs the shell form of RUN, CMD, ENTRYPOINT and HEALTHCHECK, as SHELL has it"),
        "commands": Field(
            list_of(COMMAND),
            "the commands of RUN, ENTRYPOINT, HEALTHCHECK and CMD (of its shell form) in the order of the text; "
            "unknown of other shells than those like sh",
        ),
        "calls": Field(
            map_of(list_of(COMMAND)),
            "the same commands by the name of their program; open where a variable names one",
        ),
        "packages": Field(
            map_of(list_of(PACKAGE_COMMAND)),
            "the commands of package managers in RUN, by manager: apk, apt, dnf (and microdnf, tdnf), gem, go, npm, "
            "pacman, pip, pnpm, rpm, yarn, yum, zypper",
        ),
        "unsigned": Field(
            STRINGS,
            "what RUN writes to the configuration of package managers so that they take what nobody signed: "
            "trusted=yes of apt, but for files, and gpgcheck=0 of yum, dnf and zypper",
        ),
        "downloads": Field(list_of(_DOWNLOAD), "what ADD and RUN fetch by its address: curl, wget, git clone, pip -i"),
        "tls_off": Field(
            list_of(_TLS_OFF), "where RUN, ENV or ARG tells a program not to verify whom it talks to: curl -k"
        ),
        "pipefail": Field(
            BOOLEAN,
            "the shell is told that a pipe fails when any of its commands does; of RUN with a pipe in which one that "
            "can fail, unlike echo, is not the last",
        ),
        "shipped": Field(
            BOOLEAN,
            "its stage is in an image that is kept: it is the last one, one that no other uses, or one that these "
            "stand on; not one that is only copied from",
        ),
        "mergeable": Field(
            INTEGER,
            "how many of the instructions right after it could be one with it; of the first of them only: RUNs of a "
            "single command, COPYs or ADDs to one place, with the same flags",
        ),
        "unpacked": Field(STRINGS, "the archives that COPY brings from the context and a later RUN unpacks with tar"),
        "environment": Field(
            map_of(Type("string", nullable=True)),
            "the variables of ENV, and of ARG with their defaults; null where there is none, and for a value that "
            "comes from elsewhere, if only in part: the base image, an argument of the build",
            sensitive=True,
        ),
        "build_arguments": Field(STRINGS, "what ARG declares without a value of its own, for --build-arg to give"),
        "onbuild": Field(BOOLEAN, "ONBUILD triggers it in the images that are built on this one"),
        "final": Field(BOOLEAN, "it is of the last stage, or of one that this stands on"),
        "stage": Field(STRING, "the name of its stage, else the number; absent before the first FROM"),
        "line": Field(INTEGER, "its first line"),
    },
)
