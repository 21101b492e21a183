"""Random images, the same for the same number."""

from __future__ import annotations

from typing import Any

import diptych.eager as torch

from .vision import Function, VisionDataset


class FakeData(VisionDataset):
    """`size` random images of `image_size` (channels, height, width) and random labels.

    Sample i comes from a generator seeded with i + `random_offset`, so the default one does not move.
    """

    def __init__(
        self,
        size: int = 1000,
        image_size: tuple[int, int, int] = (3, 224, 224),
        num_classes: int = 10,
        transform: Function | None = None,
        target_transform: Function | None = None,
        random_offset: int = 0,
    ) -> None:
        super().__init__(transform=transform, target_transform=target_transform)
        self.size = size
        self.num_classes = num_classes
        self.image_size = image_size
        self.random_offset = random_offset

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        """(image, number of its class), both transformed."""
        from ..transforms.functional import to_pil_image

        if index >= len(self):
            raise IndexError(f"{type(self).__name__} index out of range")
        generator = torch.Generator().manual_seed(index + self.random_offset)
        image = to_pil_image(torch.randn(*self.image_size, generator=generator))
        target = torch.randint(0, self.num_classes, size=(1,), generator=generator)[0]
        image, target = self.transformed(image, target)
        return image, target.item()

    def __len__(self) -> int:
        return self.size
