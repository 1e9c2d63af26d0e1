"""A storage that is no file system and writes over what it has, as S3 does."""

from django.core.files.storage import InMemoryStorage


class FarStorage(InMemoryStorage):
    is_out_of_reach = False

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name

    def delete(self, name: str) -> None:
        if self.is_out_of_reach:
            raise ConnectionError(name)
        super().delete(name)
