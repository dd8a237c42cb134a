"""The curators' console: what people asked and did not get, cards, deliveries, people. Knows the house only as `ConsolePorts`."""
