"""Takes gRPC calls, gives commands to engines and their reports back: the side of the server that clients see.

What it does not do: no motion, no pictures; it knows engines only through `link.py` and `messages/`.
"""
