"""Instructions of Dockerfiles."""

from policyengine.model.types import INTEGER, LABELS, STRING, STRINGS, Field, Kind

KIND = Kind(
    "instruction",
    "One instruction of a Dockerfile",
    {
        "instruction": Field(STRING, "the instruction in upper case: RUN, COPY, ..."),
        "arguments": Field(STRING, "its arguments, continued lines joined; of ENV and ARG the names only"),
        "flags": Field(LABELS, "its flags: --from=build is from: build"),
        "sources": Field(STRINGS, "what ADD and COPY copy"),
        "destination": Field(STRING, "where ADD and COPY copy to"),
        "form": Field(STRING, "exec (a JSON array) or shell; for RUN, CMD, ENTRYPOINT and SHELL"),
        "stage": Field(STRING, "the name of its stage, else the number; absent before the first FROM"),
        "line": Field(INTEGER, "its first line"),
    },
)
