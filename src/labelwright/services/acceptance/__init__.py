"""What may be accepted unseen: the blind sample, the certificate, the route."""
