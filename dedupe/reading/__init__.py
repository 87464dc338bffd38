"""Reading what a wording says: category and facts, by word lists, a gazetteer and what people taught."""
