"""An avatar in, a head that game engines draw themselves out: one .glb file."""
