import numpy as np
import torch

table = torch.tensor(np.random.default_rng(0).standard_normal((1000, 8)))
weights = torch.zeros(8, requires_grad=True)
optimizer = torch.optim.SGD([weights], lr=0.1)
for step in range(20):
    logits = (table[: 100 + step] * weights).sum(1)
    loss = -torch.log(torch.softmax(logits, 0)).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(step, loss.item())
