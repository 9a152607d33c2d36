"""What people are given and say, and what their answers together come to."""
