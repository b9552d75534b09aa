"""A portrait in, an avatar out: landmarks, mesh, shapes, layers."""
