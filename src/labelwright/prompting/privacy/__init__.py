"""Personal data in what a model would be shown: found, taken out or renamed, and put back into its answers."""
