"""Models, prompts and flows held against people: evaluations and judges."""
