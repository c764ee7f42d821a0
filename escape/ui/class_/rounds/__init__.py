"""A class's rounds: setting up the next one, the students' tasks in it, and handing in."""
