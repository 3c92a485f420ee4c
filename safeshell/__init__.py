"""safeshell: a production-safety guard for the consoles where people take production down by hand."""
