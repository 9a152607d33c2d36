"""Where the data or the labels are not as they seem: slices, drift, copies, leaks, memory."""
