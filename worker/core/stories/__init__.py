"""Articles that tell the same story: how alike they are, and which of them stands for it."""
