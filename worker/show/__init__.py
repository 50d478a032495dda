"""What commands print: for people in colour, for programs as JSON."""
