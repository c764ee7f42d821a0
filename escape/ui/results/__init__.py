"""The Results tab: the headline, the pictures, the tables, and the downloads."""
