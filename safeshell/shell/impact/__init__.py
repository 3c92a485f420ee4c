"""What a shell line would hit on this machine: first read from its words, then measured within a budget."""
