"""What image references and image configurations mean."""
