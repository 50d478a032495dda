"""What is made once, when packaging, from other people's data."""
