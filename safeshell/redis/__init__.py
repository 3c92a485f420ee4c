"""The Redis console: what it knows of Redis, and how it talks to a server and to a person."""
