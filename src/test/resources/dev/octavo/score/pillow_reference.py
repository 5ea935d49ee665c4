"""What Pillow makes of each file of a folder, as FormatTable reads it: pillow_reference.py FOLDER > reference.tsv"""
import os
import sys
import warnings

import PIL
from PIL import Image

warnings.simplefilter("ignore")
folder = sys.argv[1]
print("file\tpillow_" + "_".join(PIL.__version__.split(".")[:2]))
for directory, _, names in sorted(os.walk(folder)):
    for name in sorted(names):
        path = os.path.join(directory, name)
        try:
            with Image.open(path) as image:
                image.load()
                image.convert("RGB")
                verdict = f"OK {image.format} {image.mode} {image.size}"
        except Exception as e:  # decoders raise anything, SyntaxError included
            verdict = f"ERR {type(e).__name__}: {str(e)[:90]}"
        print(os.path.relpath(path, folder), " ".join(verdict.split()), sep="\t")
