"""What policies demand of flows, and whether a network keeps to it."""
