"""The Results and Export tabs: the sentence, the pictures, the tables, and what can be taken home."""
