"""The resource model: what policies speak about, whatever input it was read from."""
