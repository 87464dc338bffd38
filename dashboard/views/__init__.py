"""What stands on the screen: each view reads widgets, calls a query, and draws. Streamlit is known here alone."""
