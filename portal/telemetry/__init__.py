"""Measures and spans on their way out; the only folder that knows OpenTelemetry."""
