"""The shapes of requests and answers, a file per feature.

The OpenAPI description and the tab's types come from here.
"""
