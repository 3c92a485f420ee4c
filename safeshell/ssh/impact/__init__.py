"""What a line would hit on a remote host, measured there by fixed programs that only read."""
