"""One thing a person said, answered: once only, in context, kept no longer than needed."""
