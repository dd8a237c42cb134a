"""`make bench-peers`: the same questions put to Caucus and to three others, each in an environment of its own."""
