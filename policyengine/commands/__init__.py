"""The commands: each a function from request to result."""
