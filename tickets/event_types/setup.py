"""What administrators and agents set up around tickets."""

from dataclasses import dataclass

from events.event import DomainEvent


@dataclass(frozen=True, kw_only=True)
class AutomaticTextChanged(DomainEvent):
    """Each text in each language has a journal of its own. No text: back to the default."""

    name: str
    language: str
    text: str | None = None

    @property
    def stream(self) -> str:
        return f"system:text:{self.name}.{self.language}"


@dataclass(frozen=True, kw_only=True)
class TagSetUp(DomainEvent):
    """`what`: added | changed | retired | brought_back; name and colour as they are after it."""

    tag_id: int
    name: str
    colour: str
    what: str

    @property
    def stream(self) -> str:
        return "system"

    @property
    def topics(self) -> tuple[str, ...]:
        return ("desk",)


@dataclass(frozen=True, kw_only=True)
class QueueSetUp(DomainEvent):
    """`what`: added | changed | retired | reopened."""

    queue: str
    what: str

    @property
    def stream(self) -> str:
        return "system"

    @property
    def topics(self) -> tuple[str, ...]:
        return ("desk",)


@dataclass(frozen=True, kw_only=True)
class FieldSetUp(DomainEvent):
    """`what`: added | changed | retired | brought_back; the names as they are after it."""

    field_id: int
    name_ru: str
    name_en: str
    what: str

    @property
    def stream(self) -> str:
        return "system"

    @property
    def topics(self) -> tuple[str, ...]:
        return ()


@dataclass(frozen=True, kw_only=True)
class AskListSetUp(DomainEvent):
    """`what`: added | changed | retired | brought_back; the names as they are after it."""

    list_id: int
    name_ru: str
    name_en: str
    what: str

    @property
    def stream(self) -> str:
        return "system"

    @property
    def topics(self) -> tuple[str, ...]:
        return ()


@dataclass(frozen=True, kw_only=True)
class SavedViewChanged(DomainEvent):
    """`what`: saved | renamed | moved | removed | restored. `name` of a shared list; what one keeps alone has none."""

    view_id: int
    is_shared: bool
    what: str
    name: str = ""

    @property
    def stream(self) -> str:
        return "system"

    @property
    def topics(self) -> tuple[str, ...]:
        return ()
