"""A class on the page: its door, the student's page, the teacher's page and the board."""
