"""What do they mean? From the words typed to Sure, Ask or Unknown. Pure: no database, no network, no clock."""
