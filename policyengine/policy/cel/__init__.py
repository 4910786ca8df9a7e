"""CEL beneath :mod:`policyengine.policy.expressions`: the library's programs, and what is checked that it does not."""
