"""Where documents and contacts are kept."""
