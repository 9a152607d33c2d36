"""Sessions and people."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field


class InviteRedemption(BaseModel):
    """The token of an invite link, the part after #."""

    invite: Annotated[str, Field(min_length=1, max_length=200)]


class Person(BaseModel):
    """Who labels. kind: human, or simulated in a demonstration."""

    id: str
    name: str
    kind: str
    role: Literal["annotator", "manager"]


class CurrentSession(BaseModel):
    """Who you are, and where."""

    project: str
    annotator: Person
    project_title: str | None = None


class StartedSession(CurrentSession):
    """The token is shown once; browsers get it as a cookie too."""

    token: str
    expires_at: str


class People(BaseModel):
    """Everybody in the project, machines included."""

    people: list[Person]


class NewPerson(BaseModel):
    """Whom to invite."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    role: Literal["annotator", "manager"] = "annotator"


class InviteLink(BaseModel):
    """Works once, and is shown once."""

    invite_url: str
    expires_at: str
    annotator: Person
