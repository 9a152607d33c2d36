"""Labelling conversations: each yields requests, is sent responses, and returns what the model said."""
