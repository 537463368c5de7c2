"""The handlers, a file per feature: read the request, call one service, shape the answer."""
