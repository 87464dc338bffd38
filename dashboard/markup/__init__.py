"""What stands on a page, as HTML and charts: from frames and words to markup. Text of posts is escaped here, all of it."""
