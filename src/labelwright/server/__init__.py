"""The HTTP server: what the page, the simulated reviewers and other programs talk to."""
