"""Kubernetes label selectors, as fields of the kinds that select Pods."""

from policyengine.model.types import LABELS, STRING, STRINGS, Field, list_of, object_of, one_of

LABEL_SELECTOR = object_of(
    match_labels=Field(LABELS, "labels that a Pod must have with these values"),
    match_expressions=Field(
        list_of(
            object_of(
                key=Field(STRING, "the label's name"),
                operator=Field(one_of("In", "NotIn", "Exists", "DoesNotExist"), "how the label is compared"),
                values=Field(STRINGS, "the values of In and NotIn"),
            )
        ),
        "requirements that a Pod's labels must meet, all of them",
    ),
)
"""A LabelSelector (apimachinery meta/v1): every requirement must hold, so an empty one selects everything."""
