"""Instructions of Dockerfiles."""

from policyengine.model.types import INTEGER, LABELS, STRING, STRINGS, Field, Kind, one_of

_KEYWORDS = one_of(
    *("ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER"),
    *("ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"),
)

KIND = Kind(
    "instruction",
    "One instruction of a Dockerfile",
    {
        "instruction": Field(_KEYWORDS, "the instruction"),
        "arguments": Field(STRING, "its arguments, continued lines joined; of ENV and ARG the names only"),
        "flags": Field(LABELS, "its flags: --from=build is from: build"),
        "sources": Field(STRINGS, "what ADD and COPY copy"),
        "destination": Field(STRING, "where ADD and COPY copy to"),
        "form": Field(one_of("exec", "shell"), "exec is a JSON array; for RUN, CMD, ENTRYPOINT and SHELL"),
        "stage": Field(STRING, "the name of its stage, else the number; absent before the first FROM"),
        "line": Field(INTEGER, "its first line"),
    },
)
