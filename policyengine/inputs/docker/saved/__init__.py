"""Images as files: what ``docker save`` writes, and OCI image layouts, as archives or directories."""
