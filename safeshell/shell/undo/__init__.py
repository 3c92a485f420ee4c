"""What a shell line destroys of files, kept before it runs and put back afterwards."""
