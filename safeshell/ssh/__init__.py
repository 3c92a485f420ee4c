"""The SSH client: connections, the remote half of the shell integration, and what is asked of a remote host."""
