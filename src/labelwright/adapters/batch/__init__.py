"""Providers' batch APIs: a module each, found by its `BATCH`."""
