"""The tables of what visitors share: names and columns. A change here needs a revision in migrations/."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

META = MetaData()

runs = Table(  # stored runs by run code, as compressed run files; `at`: when last written or requested
    "runs",
    META,
    Column("code", String(64), primary_key=True),
    Column("packed", LargeBinary, nullable=False),
    Column("at", Float, nullable=False),
)
shelves = Table(  # a visitor's runs, by a hash of the secret in the visitor's URL
    "shelves",
    META,
    Column("secret", String(64), primary_key=True),
    Column("body", Text, nullable=False),
    Column("at", Float, nullable=False),
)
classes = Table(  # `until`: when joining ends; `content`: increases with each new run
    "classes",
    META,
    Column("code", String(8), primary_key=True),
    Column("teacher", String(64), nullable=False),
    Column("title", String(120), nullable=False),
    Column("made", Float, nullable=False),
    Column("until", Float, nullable=False),
    Column("content", Integer, nullable=False),
    Column("run", LargeBinary, nullable=False),
)
members = Table(  # `folded`: the nickname for comparison; `secret`: a hash of the word they come back with
    "members",
    META,
    Column("id", Integer, primary_key=True),
    Column("code", String(8), ForeignKey("classes.code"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("nickname", String(24), nullable=False),
    Column("folded", String(64), nullable=False),
    Column("secret", String(64), nullable=False),
    UniqueConstraint("code", "folded"),
    UniqueConstraint("code", "number"),
    UniqueConstraint("code", "secret"),
)
rounds = Table(
    "rounds",
    META,
    Column("id", Integer, primary_key=True),
    Column("code", String(8), ForeignKey("classes.code"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", String(10), nullable=False),
    Column("plan", Text, nullable=False),
    UniqueConstraint("code", "number"),
)
entries = Table(  # what members wrote: one per round, member and item; the last one counts
    "entries",
    META,
    Column("round", Integer, ForeignKey("rounds.id"), primary_key=True, autoincrement=False),
    Column("member", Integer, ForeignKey("members.id"), primary_key=True, autoincrement=False),
    Column("item", String(300), primary_key=True),
    Column("body", Text, nullable=False),
    Column("at", Float, nullable=False),
)
tries = Table(  # how often someone did something in a time window
    "tries",
    META,
    Column("who", String(64), primary_key=True),
    Column("slot", Integer, primary_key=True, autoincrement=False),
    Column("times", Integer, nullable=False),
)
