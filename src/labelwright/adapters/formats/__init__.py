"""File formats that come in and go out."""
