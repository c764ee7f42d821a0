"""The Results tab: the sentence, the pictures, the tables, and what can be taken home."""
