"""HTTP: routes, guards, middleware, schemas; `api/` has a file per feature."""
