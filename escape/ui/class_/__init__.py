"""A class on the page: opening and joining one, the student's page, the teacher's guide and the board."""
