"""Statistics on arrays: one method, one file, one citation. Imports numpy and scipy only."""
