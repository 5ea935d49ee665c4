"""Lists names and shapes of a residual network's state dict, built in PyTorch as torchvision builds it (He et al. 2015, table 1, with
torchvision's names and its stride on the 3x3):

    python3 resnet_names.py resnet18 > resnet18.txt
    python3 resnet_names.py resnet152 | sha256sum     # pinned in ResNetTest

A line is a name and the dimensions, separated by blanks. The number of parameters goes to stderr.
"""
import sys

from torch import nn

DEPTHS = {"resnet18": (2, 2, 2, 2), "resnet34": (3, 4, 6, 3), "resnet50": (3, 4, 6, 3), "resnet101": (3, 4, 23, 3), "resnet152": (3, 8, 36, 3)}
DEPTHS |= {"resnext50_32x4d": (3, 4, 6, 3), "resnext101_32x8d": (3, 4, 23, 3), "resnext101_64x4d": (3, 4, 23, 3)}
DEPTHS |= {"wide_resnet50_2": (3, 4, 6, 3), "wide_resnet101_2": (3, 4, 23, 3)}
# groups of a bottleneck's 3x3 convolution, and the width of a group in the first stage
GROUPS = {"resnext50_32x4d": (32, 4), "resnext101_32x8d": (32, 8), "resnext101_64x4d": (64, 4), "wide_resnet50_2": (1, 128), "wide_resnet101_2": (1, 128)}


class Block(nn.Module):
    def __init__(self, inputs, width, stride, bottleneck, groups, group_width):
        super().__init__()
        outputs = width * 4 if bottleneck else width
        if bottleneck:
            inner = width * group_width // 64 * groups
            self.conv1, self.bn1 = nn.Conv2d(inputs, inner, 1, bias=False), nn.BatchNorm2d(inner)
            self.conv2, self.bn2 = nn.Conv2d(inner, inner, 3, stride, 1, groups=groups, bias=False), nn.BatchNorm2d(inner)
            self.conv3, self.bn3 = nn.Conv2d(inner, outputs, 1, bias=False), nn.BatchNorm2d(outputs)
        else:
            self.conv1, self.bn1 = nn.Conv2d(inputs, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width)
            self.conv2, self.bn2 = nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width)
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))


def resnet(name, classes=1000):
    bottleneck = name not in ("resnet18", "resnet34")
    net, inputs = nn.Module(), 64
    net.conv1, net.bn1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64)
    for stage, depth in enumerate(DEPTHS[name]):
        blocks = []
        for i in range(depth):
            blocks.append(Block(inputs, 64 << stage, 2 if stage > 0 and i == 0 else 1, bottleneck, *GROUPS.get(name, (1, 64))))
            inputs = (64 << stage) * (4 if bottleneck else 1)
        setattr(net, f"layer{stage + 1}", nn.Sequential(*blocks))
    net.fc = nn.Linear(inputs, classes)
    return net


net = resnet(sys.argv[1])
print(sum(p.numel() for p in net.parameters()), file=sys.stderr)
for name, tensor in net.state_dict().items():
    print(name, *tensor.shape)
