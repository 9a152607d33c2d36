"""Folds of events and the forms of what they carry."""
