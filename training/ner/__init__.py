"""How the French recogniser is made: data, training, and the form that the worker loads."""
