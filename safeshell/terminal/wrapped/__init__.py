"""The wrapped terminal: the person's own shell on a pseudo-terminal of ours, with the guard at its Enter key."""
