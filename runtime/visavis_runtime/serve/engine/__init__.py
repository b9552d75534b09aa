"""One engine: many live talks stepped together. `slots` holds them, `session` is one of them."""
