"""The board: reads records and plans, writes only decisions."""
