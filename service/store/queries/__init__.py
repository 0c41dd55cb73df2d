"""Read models: frozen rows out, one file a page or report."""
