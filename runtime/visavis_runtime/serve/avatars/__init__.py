"""The avatars that a server keeps, and the child process that makes them of portraits."""
