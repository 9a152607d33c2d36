"""Chat endpoints: one file each."""
