"""Task types: one file each, found through the registry. Nothing downstream knows which type it handles."""
