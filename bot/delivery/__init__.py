"""Everything that leaves by a push channel: rows first, then the send, then the word that it arrived."""
