"""How running systems are reached: where they listen, how long to wait, and what their silence means."""
