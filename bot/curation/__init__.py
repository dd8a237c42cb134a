"""The team's own layer of knowledge over the shipped one: proposed, reviewed, learnt, live, undone."""
