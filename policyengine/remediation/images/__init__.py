"""The image that something is to run instead: pinned, upgraded within a rule, or derived from the one that runs.

:func:`~policyengine.remediation.images.choosing.compliant` chooses it, and changes nothing.
:func:`~policyengine.remediation.images.deploying.prepared` brings it to the engine: pulls it by digest, or builds it,
has it judged and pushes it. :func:`~policyengine.remediation.images.texts.pinned_reference` is what a file is to say.
"""
