"""X: recent search within a budget, off until somebody switches it on."""
