"""What it costs, and what to spend it on."""
