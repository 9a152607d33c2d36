"""Conformance suites and real fakes, shipped for plug-in authors too."""
