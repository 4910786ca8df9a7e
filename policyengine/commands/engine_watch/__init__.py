"""``policyengine watch``: containers of an engine, judged as they start and as they change."""
