"""The world outside, behind the ports: databases, models, files."""
