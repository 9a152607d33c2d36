"""Protocols: what services need from the world."""
