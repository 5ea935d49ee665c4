"""Makes the weight files beside this script, with PyTorch 2.13 (any 2.x will do):

    python3 make_fixtures.py

The files are committed: the build needs no Python. Every tensor holds 0, 1, 2, ... unless said otherwise.
"""
import torch
from torch import nn


def count(*shape, dtype=torch.float32):
    n = torch.Size(shape).numel()
    return torch.arange(n).to(dtype).reshape(shape)


# What torch.save writes for all element types, for views and for parameters.
shared = count(6)
torch.save({
    "float32": count(2, 3), "float64": count(2, dtype=torch.float64), "float16": count(2, dtype=torch.float16),
    "bfloat16": count(2, dtype=torch.bfloat16), "uint8": count(2, dtype=torch.uint8),
    "int8": count(2, dtype=torch.int8), "int16": count(2, dtype=torch.int16), "int32": count(2, dtype=torch.int32),
    "int64": count(2, dtype=torch.int64), "bool": count(2, dtype=torch.bool),
    "scalar": torch.tensor(7), "empty": torch.zeros(0, 3), "parameter": nn.Parameter(count(2)),
    "transposed": count(2, 3).t(), "channels_last": count(1, 2, 2, 2).contiguous(memory_format=torch.channels_last),
    "head": shared[:2], "tail": shared[2:], "even": shared[::2], "expanded": count(2).expand(2, 2),
}, "tensors.pth")

# A checkpoint of a training script that used DataParallel, in pickle protocol 4. state_dict() is an ordered dict
# with an attribute (_metadata).
net = nn.DataParallel(nn.Sequential(nn.Linear(2, 1), nn.BatchNorm1d(1)))
with torch.no_grad():
    for p in net.parameters():
        p.copy_(count(*p.shape))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
net(count(2, 2)).sum().backward()
net.module[1].load_state_dict(nn.BatchNorm1d(1).state_dict())
optimizer.step()
with torch.no_grad():
    for p in net.parameters():
        p.copy_(count(*p.shape))
torch.save({"epoch": 3, "seed": 2**63 + 1, "state_dict": net.state_dict(), "optimizer": optimizer.state_dict()},
           "checkpoint.pth", pickle_protocol=4)

# A whole module, which only Python code could rebuild.
torch.save(nn.Linear(2, 1), "module.pth")

# The format from before PyTorch 1.6.
torch.save({"a": count(2)}, "legacy.pth", _use_new_zipfile_serialization=False)


class Nested(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 1)
        self.bn = nn.BatchNorm2d(2)
        self.seq = nn.Sequential(nn.Linear(2, 3), nn.ReLU())
        self.sizes, self.by_name, self.device = [1, 2], {"a": torch.ones(2)}, torch.device("cpu")

    def forward(self, x):
        return self.seq(self.bn(self.conv(x)).mean([2, 3])) + self.sizes[0] + self.by_name["a"][0] + torch.tensor([1.5, 2.0, 1.0])


module = Nested()
with torch.no_grad():
    for p in module.parameters():
        p.copy_(count(*p.shape))
torch.jit.save(torch.jit.script(module), "script.pt")
