"""Small models that learn from labels of record."""
