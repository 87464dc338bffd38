"""Learning what sort of message a record is from the labels that volunteers give it."""
