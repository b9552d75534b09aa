"""An avatar and latents in, pixels out."""
