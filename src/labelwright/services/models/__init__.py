"""What models are shown and asked, what they answered, and how sure that is."""
