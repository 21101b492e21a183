"""A language model of embeddings, an LSTM of two layers and a decoder that shares the embedding's weights."""

from __future__ import annotations

from typing import Any

from tests.curves.networks.problem import LETTERS, initialise, letters

SIZES = {"tiny": {"width": 8}, "small": {"width": 32}, "full": {"width": 200}}
BATCH, LENGTH = 8, 20


def make(torch: Any, width: int) -> Any:
    """The network with its first weights; `width` numbers for a letter and for each layer's state."""
    nn = torch.nn

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = nn.Embedding(LETTERS, width)
            self.rnn = nn.LSTM(width, width, 2)
            self.decoder = nn.Linear(width, LETTERS)
            self.decoder.weight = self.encoder.weight

        def forward(self, text: Any, hidden: Any) -> Any:
            output, hidden = self.rnn(self.encoder(text), hidden)
            return self.decoder(output).view(-1, LETTERS), hidden

        def init_hidden(self) -> Any:
            weight = next(self.parameters())
            return weight.new_zeros(2, BATCH, width), weight.new_zeros(2, BATCH, width)

    return initialise(torch, Model())


def train(torch: Any, network: Any, steps: int) -> list[float]:
    """Losses of 20 letters of 8 texts; states go on, gradients are clipped, parameters written by hand."""
    text = torch.from_numpy(letters(BATCH * (LENGTH * steps + 1))).view(BATCH, -1).t().contiguous()
    hidden = network.init_hidden()
    losses = []
    for start in range(0, LENGTH * steps, LENGTH):
        hidden = tuple(state.detach() for state in hidden)
        network.zero_grad()
        output, hidden = network(text[start : start + LENGTH], hidden)
        wanted = text[start + 1 : start + 1 + LENGTH].reshape(-1)
        loss = torch.nn.functional.nll_loss(torch.nn.functional.log_softmax(output, dim=1), wanted)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 0.25)
        for parameter in network.parameters():
            parameter.data.add_(parameter.grad, alpha=-2.0)
        losses.append(loss.item())
    return losses
