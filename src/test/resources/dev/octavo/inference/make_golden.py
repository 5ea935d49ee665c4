"""Makes the images golden-*.png and golden-*.jpg and golden.json, PyTorch's logits for them, with PyTorch, torchvision and Pillow:

    python3 make_golden.py

The files are committed: the build needs no Python. The weights are in no file: they come from a formula that GoldenNetworksTest
computes too, to the bit. golden.json holds the CRC-32 of each image's pixels, as torchvision's evaluation transforms leave
them, and for some networks and each image the logits. They are computed in float64, so that what differs is the other side's.
Of all networks it holds the CRC-32 of their parameters' names and shapes, and the transforms of their first weights.
"""
import json
import math
import zlib

import numpy as np
import torch
import torchvision
from PIL import Image, ImageOps
from torch import nn
from torch.nn import functional as F
from torchvision import transforms
from torchvision.models import get_model, get_model_weights
from torchvision.ops import SqueezeExcitation, stochastic_depth

SIZE = 48
CLASSES = 5
MEAN = torch.tensor([0.485, 0.456, 0.406], dtype=torch.float64).reshape(3, 1, 1)
STD = torch.tensor([0.229, 0.224, 0.225], dtype=torch.float64).reshape(3, 1, 1)


def mix(z):
    """The finalizer of SplitMix64."""
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def set_weights(net):
    """Value i of tensor k is a function of k and i alone, of a spread that keeps activations in range."""
    state = net.state_dict()
    for k, (name, tensor) in enumerate(state.items()):
        if name.endswith("num_batches_tracked"):
            continue
        index = np.arange(tensor.numel(), dtype=np.uint64) + np.uint64(k << 32)
        u = (mix(index) >> np.uint64(40)).astype(np.float64) / (1 << 24)
        if tensor.dim() > 1:
            values = (2 * u - 1) * math.sqrt(6 / (tensor.numel() // tensor.shape[0]))
        elif name.endswith((".weight", ".running_var")):
            values = 0.75 + 0.5 * u
        else:
            values = 0.2 * (u - 0.5)
        tensor.copy_(torch.from_numpy(values.astype(np.float32)).reshape(tensor.shape))


class AllKinds(nn.Module):
    """Every kind of node, geometry and activation there is: AllKinds.java has the same as data."""

    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 12, 5, 2, 1, bias=False), nn.BatchNorm2d(12)
        self.conv2, self.bn2 = nn.Conv2d(12, 24, 3, 1, 2, 2, 4, bias=False), nn.BatchNorm2d(24)
        self.conv3, self.bn3 = nn.Conv2d(24, 24, 3, 1, 1, 1, 24, bias=False), nn.BatchNorm2d(24)
        self.se1 = SqueezeExcitation(24, 6, activation=nn.SiLU)
        self.conv4, self.bn4 = nn.Conv2d(24, 24, 1, bias=False), nn.BatchNorm2d(24)
        self.conv5, self.bn5 = nn.Conv2d(24, 16, 3, 2, 1, bias=False), nn.BatchNorm2d(16)
        self.se2 = SqueezeExcitation(16, 4, scale_activation=nn.Hardsigmoid)
        self.conv6, self.bn6 = nn.Conv2d(16, 24, 1, bias=False), nn.BatchNorm2d(24)
        self.conv7, self.bn7 = nn.Conv2d(24, 24, 1, 2, bias=False), nn.BatchNorm2d(24)
        self.conv8, self.bn8 = nn.Conv2d(8, 12, 3, 1, 1, bias=False), nn.BatchNorm2d(12)
        self.conv9, self.bn9 = nn.Conv2d(36, 16, (1, 5), 1, (0, 2), bias=False), nn.BatchNorm2d(16)
        self.fc1 = nn.Linear(16, 20)
        self.fc2 = nn.Linear(20, CLASSES)

    def forward(self, x):
        x = F.max_pool2d(F.relu6(self.bn1(self.conv1(x))), 3, 2, 1)
        x = F.hardswish(self.bn2(self.conv2(x)))
        x = x + F.relu(self.bn4(self.conv4(self.se1(F.silu(self.bn3(self.conv3(x)))))))
        y = self.bn6(self.conv6(self.se2(F.relu6(self.bn5(self.conv5(x))))))
        x = F.relu(stochastic_depth(y, 0.2, "row", self.training) + self.bn7(self.conv7(x)))
        x = torch.cat([x, F.relu(self.bn8(self.conv8(x[:, 16:])))], 1)
        x = F.avg_pool2d(F.channel_shuffle(x, 3), 3, 1, 1)
        x = F.max_pool2d(F.relu(self.bn9(self.conv9(x))), 2, 2, ceil_mode=True)
        x = F.hardswish(self.fc1(x.mean((2, 3))))
        return self.fc2(F.dropout(x, 0.3, self.training))


def pattern(width, height, shift):
    y, x, c = np.ogrid[:height, :width, :3]
    wave = 60 * np.sin(0.13 * x + c + shift) + 50 * np.cos(0.09 * y - c) + ((x // 7 + y // 5 + c) % 2) * 30
    return Image.fromarray((110 + wave).astype(np.uint8), "RGB")


def write_images():
    pattern(61, 47, 0).save("golden-wide.png", optimize=True)
    pattern(90, 71, 1).convert("L").save("golden-gray.png", optimize=True)
    pattern(40, 66, 2).save("golden-tall.jpg", quality=85, subsampling="4:2:0")
    exif = Image.Exif()
    exif[0x0112] = 6
    pattern(96, 64, 3).save("golden-turned.jpg", quality=85, subsampling="4:4:4", exif=exif)
    return ["golden-wide.png", "golden-gray.png", "golden-tall.jpg", "golden-turned.jpg"]


def pixels(file):
    image = ImageOps.exif_transpose(Image.open(file)).convert("RGB")
    resize = transforms.Resize(round(SIZE * 256 / 224), transforms.InterpolationMode.BILINEAR)
    return np.asarray(transforms.CenterCrop(SIZE)(resize(image)))


def network(name):
    if name == "all_kinds":
        return AllKinds()
    without = {"aux_logits": False, "transform_input": False, "init_weights": False}
    return get_model(name, num_classes=CLASSES, **(without if name in ("googlenet", "inception_v3") else {}))


def described(name):
    """What a network's description says: a checksum of its state dict's names and shapes, and its transforms."""
    lines = "".join(f"{k} {list(v.shape)}\n" for k, v in network(name).state_dict().items())
    preset = next(iter(get_model_weights(name))).transforms()
    sizes = [preset.resize_size[0], preset.crop_size[0], preset.interpolation.name, preset.mean, preset.std]
    return {"state": zlib.crc32(lines.encode()), "preprocessing": sizes}


ALL = (
    [f"resnet{n}" for n in (18, 34, 50, 101, 152)]
    + ["resnext50_32x4d", "resnext101_32x8d", "resnext101_64x4d", "wide_resnet50_2", "wide_resnet101_2"]
    + ["mobilenet_v2", "mobilenet_v3_large", "mobilenet_v3_small"]
    + [f"regnet_{kind}_{size}" for kind in "xy" for size in ("400mf", "800mf", "1_6gf", "3_2gf", "8gf")]
    + [f"efficientnet_b{n}" for n in range(5)]
    + [f"shufflenet_v2_x{size}" for size in ("0_5", "1_0", "1_5", "2_0")]
    + ["googlenet", "inception_v3"]
)
WITH_LOGITS = (
    ["resnet18", "resnet50", "resnext50_32x4d", "mobilenet_v2", "mobilenet_v3_large", "mobilenet_v3_small"]
    + ["regnet_x_400mf", "regnet_y_400mf", "efficientnet_b0", "efficientnet_b2", "shufflenet_v2_x0_5", "shufflenet_v2_x1_0", "googlenet", "inception_v3"]
)

torch.set_grad_enabled(False)
files = write_images()
squares = [pixels(file) for file in files]
batch = torch.stack([torch.from_numpy(s.copy()).permute(2, 0, 1).double() / 255 for s in squares])
golden = {"imageSize": SIZE, "pixels": {f: zlib.crc32(s.tobytes()) for f, s in zip(files, squares)}, "logits": {}}
for name in WITH_LOGITS + ["all_kinds"]:
    net = network(name).eval()
    set_weights(net)
    # Inception reduces more than 48 pixels to nothing: each of them is taken twice in both directions.
    inputs = batch.repeat_interleave(2, 2).repeat_interleave(2, 3) if name == "inception_v3" else batch
    logits = net.double()((inputs - MEAN) / STD)
    golden["logits"][name] = {f: [float(f"{v:.9g}") for v in row] for f, row in zip(files, logits.tolist())}
    print(name, logits)
golden["networks"] = {name: described(name) for name in ALL}
text = json.dumps(golden, indent=1)
with open("golden.json", "w") as out:
    out.write(text + "\n")
