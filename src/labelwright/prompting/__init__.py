"""LLM conversations as generators: requests out, answers in, no network anywhere."""
