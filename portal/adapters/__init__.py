"""What the rules need from outside, one folder a kind. Adapters never import each other."""
