"""Verbs: each reads a view, thinks, and appends. No service calls another stage; every one is idempotent."""
