"""The JSON API for other tools: the same questions and answers as everywhere."""
