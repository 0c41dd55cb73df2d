"""JSON over HTTP: one module per noun, each with its `ROUTES`; `api.all` lists them."""
