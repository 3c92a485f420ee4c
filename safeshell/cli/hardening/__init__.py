"""What `safeshell harden` prints: the same policy for a server's own configuration. Nothing is applied here."""
