"""Undo of files on a remote host: kept there, in a scratch folder that is configured, and put back from there."""
