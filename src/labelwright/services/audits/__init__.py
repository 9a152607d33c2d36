"""The random audit of accepted labels, and taking them back."""
