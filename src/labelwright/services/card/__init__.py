"""What the data set is worth: the estimate and the data-set card."""
