"""Makes augmentation.csv, with Pillow 12.3 and numpy:

    python3 make_augmentation_fixtures.py > augmentation.csv

The file is committed: the build needs no Python. A line is

    picture,space,operation,argument,crc

where crc is the CRC-32 of the picture's RGB bytes after the operation. `space` is TRIVIAL or RAND, the argument then
the magnitude's bin with the sign before it; or JITTER, the argument then the factor or the turn. What torchvision adds
to Pillow (matrices, magnitudes, the hue of Pillow pictures) is written out here.
"""
import math
import sys
import zlib

import numpy as np
from PIL import Image, ImageEnhance, ImageOps

BINS = (0, 1, 9, 15, 20, 29, 30)


def pattern(width, height, muted):
    """The pattern of the resampling fixtures; muted: with another narrow range of values per channel."""
    y, x, c = np.ogrid[:height, :width, :3]
    value = (x * x * 7 + y * 13 + c * 101 + x * y * 3) % 256
    if muted:
        value = 20 + 30 * c + value * (4 - c) // 6
    return Image.fromarray(value.astype(np.uint8), "RGB")


def affine(image, center, translate, shear):
    """torchvision.transforms.functional.affine without rotation and scale; shear in degrees."""
    sx, sy = (math.radians(s) for s in shear)
    (cx, cy), (tx, ty) = center, translate
    a = math.cos(-sy) / math.cos(sy)
    b = -math.cos(-sy) * math.tan(sx) / math.cos(sy)
    c = math.sin(-sy) / math.cos(sy)
    d = -math.sin(-sy) * math.tan(sx) / math.cos(sy) + 1
    m = [d, -b, 0.0, -c, a, 0.0]
    m[2] = m[0] * (-cx - tx) + m[1] * (-cy - ty) + cx
    m[5] = m[3] * (-cx - tx) + m[4] * (-cy - ty) + cy
    return image.transform(image.size, Image.AFFINE, m, Image.NEAREST, fillcolor=(0, 0, 0))


def shift(image, x, y):
    return affine(image, (image.width * 0.5, image.height * 0.5), (x, y), (0.0, 0.0))


def shear(image, x, y):
    return affine(image, (0, 0), (0, 0), (math.degrees(math.atan(x)), math.degrees(math.atan(y))))


def hue(image, turn):
    h, s, v = image.convert("HSV").split()
    h = np.array(h) + np.int32(turn * 255).astype(np.uint8)
    return Image.merge("HSV", (Image.fromarray(h, "L"), s, v)).convert("RGB")


OPERATIONS = {
    "SHEAR_X": lambda i, m: shear(i, m, 0.0),
    "SHEAR_Y": lambda i, m: shear(i, 0.0, m),
    "TRANSLATE_X": lambda i, m: shift(i, int(m), 0),
    "TRANSLATE_Y": lambda i, m: shift(i, 0, int(m)),
    "ROTATE": lambda i, m: i.rotate(m, Image.NEAREST, fillcolor=(0, 0, 0)),
    "BRIGHTNESS": lambda i, m: ImageEnhance.Brightness(i).enhance(1.0 + m),
    "COLOR": lambda i, m: ImageEnhance.Color(i).enhance(1.0 + m),
    "CONTRAST": lambda i, m: ImageEnhance.Contrast(i).enhance(1.0 + m),
    "SHARPNESS": lambda i, m: ImageEnhance.Sharpness(i).enhance(1.0 + m),
    "POSTERIZE": lambda i, m: ImageOps.posterize(i, int(m)),
    "SOLARIZE": ImageOps.solarize,
    "AUTOCONTRAST": lambda i, m: ImageOps.autocontrast(i),
    "EQUALIZE": lambda i, m: ImageOps.equalize(i),
}
SIGNED = list(OPERATIONS)[:9]


def magnitude(space, operation, bin, size):
    wide = space == "TRIVIAL"

    def share(end):
        return float(np.float32(end * bin / 30))

    if operation.startswith("SHEAR"):
        return share(0.99 if wide else 0.3)
    if operation.startswith("TRANSLATE"):
        return share(32.0 if wide else 150.0 / 331.0 * size[operation == "TRANSLATE_Y"])
    if operation == "ROTATE":
        return share(135.0 if wide else 30.0)
    if operation in SIGNED:
        return share(0.99 if wide else 0.9)
    if operation == "POSTERIZE":
        return 8 - round(bin / 30 * (6 if wide else 4))
    return 255 - share(255.0) if operation == "SOLARIZE" else 0.0


def line(name, space, operation, argument, image):
    print(name, space, operation, argument, "%08x" % zlib.crc32(image.tobytes()), sep=",")


def main(bins):
    for name in ("pattern-37x29", "muted-40x40"):
        kind, size = name.split("-")
        image = pattern(*map(int, size.split("x")), kind == "muted")
        line(name, "TRIVIAL", "IDENTITY", "+0", image)
        for operation, apply in OPERATIONS.items():
            some = bins if operation not in ("AUTOCONTRAST", "EQUALIZE") else (0,)
            for space, bin in [("TRIVIAL", b) for b in some] + [("RAND", 9)]:
                m = magnitude(space, operation, bin, image.size)
                line(name, space, operation, "+%d" % bin, apply(image, m))
                if operation in SIGNED and m != 0:
                    line(name, space, operation, "-%d" % bin, apply(image, -m))
        for factor in (0.0, 0.6, 1.0, 1.37, 3.0):
            line(name, "JITTER", "BRIGHTNESS", factor, ImageEnhance.Brightness(image).enhance(factor))
            line(name, "JITTER", "CONTRAST", factor, ImageEnhance.Contrast(image).enhance(factor))
            line(name, "JITTER", "COLOR", factor, ImageEnhance.Color(image).enhance(factor))
        for turn in (-0.5, -0.13, 0.0, 0.2, 0.5):
            line(name, "JITTER", "HUE", turn, hue(image, turn))


main(range(31) if "--all" in sys.argv else BINS)
