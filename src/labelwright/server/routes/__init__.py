"""One room per noun. A handler parses, calls, returns."""
