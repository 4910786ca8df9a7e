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

_COMMAND = object_of(
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
            list_of(_COMMAND),
            "the commands of RUN, ENTRYPOINT, HEALTHCHECK and CMD (of its shell form) in the order of the text; "
            "unknown of other shells than those like sh",
        ),
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
