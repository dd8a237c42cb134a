"""What is waiting, until when, and when the other side can be reached."""
