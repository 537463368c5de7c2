"""Adaptive Cards as pure functions of what they show; nothing here asks a service."""
