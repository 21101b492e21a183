import torch

weights = torch.zeros(3, requires_grad=True)
optimizer = torch.optim.SGD([weights], lr=0.1)
for step in range(3):
    optimizer.zero_grad()
    loss = (weights - 1).square().sum() + weights.square().sum().sqrt()
    loss.backward()
    optimizer.step()
    print(step, loss.item())
