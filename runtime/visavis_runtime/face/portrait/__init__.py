"""Portrait: what is in the picture: file, face, landmarks, pose, the square that is animated."""
