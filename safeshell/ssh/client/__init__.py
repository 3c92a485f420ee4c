"""Our own SSH client: what `ssh` does for one call, on paramiko's transport and on nothing else of paramiko's."""
