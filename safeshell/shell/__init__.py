"""Knows shell lines: parser, expansion, wrappers, rule packs, read-only proofs."""
