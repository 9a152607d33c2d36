"""What holds many conversations at once."""
