"""Long runs of what the suite does shortly: each is a command of its own."""
