"""A project as a whole: made, filled, looked at, exported."""
