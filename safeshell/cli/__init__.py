"""What a person types → one call each: parses arguments, prints results, turns errors into text."""
