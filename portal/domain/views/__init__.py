"""Views: how somebody wants a dashboard laid out, filtered and filled, kept and shared."""
