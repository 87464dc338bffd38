"""Reading posts from bytes: files, pages and answers of networks in every form, checked row by row."""
