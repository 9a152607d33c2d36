"""The story of `labelwright demo`: the whole loop on recorded answers, with people simulated and the truth known."""
