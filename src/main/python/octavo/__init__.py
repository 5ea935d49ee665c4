"""Octavo from Python: trains, quantizes and runs image classifiers on Spark, as stages of pyspark.ml.

The classes are those of the Java package dev.octavo.ml, with the same parameters::

    from octavo import OctavoEstimator

    model = OctavoEstimator(network="resnet18", epochs=4, weights="resnet18.pth").fit(photos)
    model.transform(more).select("path", "prediction.label", "prediction.error")

Octavo's jars must be on Spark's class path. This module is in the main one: ``--packages`` puts it on Python's path;
with ``--jars`` name that jar in ``--py-files``, too.
"""

import hashlib
from typing import Any, Dict, List, Optional, Union

from pyspark import keyword_only
from pyspark.ml.evaluation import JavaEvaluator
from pyspark.ml.param import Param, Params, TypeConverters
from pyspark.ml.util import JavaMLReadable, JavaMLReader, JavaMLWritable
from pyspark.ml.wrapper import JavaEstimator, JavaModel
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

__all__ = [
    "OctavoClassifier",
    "OctavoEstimator",
    "OctavoEvaluator",
    "OctavoQuantizer",
    "classify",
    "register",
]

_JAVA = "dev.octavo.ml."


def register(spark: SparkSession, model: str, name: str = "octavo_classify") -> None:
    """Gives SQL a function that classifies an image with a model, until the session ends.

    :param model: directory of a model bundle
    :param name: of the function, as in ``SELECT octavo_classify(content).label FROM photos``
    """
    spark._jvm.dev.octavo.ml.OctavoFunctions.register(spark._jsparkSession, name, model)


def classify(image: Union[Column, str], model: str) -> Column:
    """The predictions for a column of images: a struct with label, probability, top_k, error and so on.

    :param image: bytes of image files, or Spark's image schema
    :param model: directory of a model bundle
    """
    name = "octavo_classify_" + hashlib.sha256(model.encode()).hexdigest()[:12]
    register(SparkSession.active(), model, name)
    return F.call_udf(name, F.col(image) if isinstance(image, str) else image)


class _Reader(JavaMLReader):
    """Reads what a class of the same name in Java wrote."""

    @classmethod
    def _java_loader_class(cls, clazz: Any) -> str:
        return _JAVA + clazz.__name__


class _Stage(JavaMLReadable, JavaMLWritable):
    """What stages that are written in Java have in common."""

    @classmethod
    def read(cls) -> _Reader:
        """A reader of what ``write`` wrote."""
        return _Reader(cls)


class _Fitting(JavaEstimator, _Stage):
    """Estimators of which some parameters have names that the model's have, too, with another meaning."""

    def _create_model(self, java_model: Any) -> "OctavoClassifier":
        return OctavoClassifier._from_java(java_model)

    def _fit(self, dataset: DataFrame) -> "OctavoClassifier":
        return self._create_model(self._fit_java(dataset))


def _set_given(stage: Params, given: Dict[str, Any]) -> None:
    stage._set(**{name: value for name, value in given.items() if value is not None})


class OctavoClassifier(JavaModel, _Stage):
    """Classifies a column of images.

    Every row stays, with all its columns, and gets a struct: ``label``, ``label_id``, ``probability``, ``top_k``,
    ``probabilities``, ``embedding``, ``review``, ``warning``, ``error``. What can't be decoded has the reason in
    ``error``. Saving writes the parameters and a copy of the model.
    """

    model: "Param[str]" = Param(
        Params._dummy(), "model", "directory of the model bundle, on any Hadoop file system", TypeConverters.toString
    )
    inputCol: "Param[str]" = Param(
        Params._dummy(),
        "inputCol",
        "column of images: binary (files) or Spark's image schema",
        TypeConverters.toString,
    )
    outputCol: "Param[str]" = Param(
        Params._dummy(), "outputCol", "column of predictions that is added", TypeConverters.toString
    )
    batchSize: "Param[int]" = Param(
        Params._dummy(), "batchSize", "images per call of the model, 1 to 1024", TypeConverters.toInt
    )
    topK: "Param[int]" = Param(
        Params._dummy(), "topK", "classes listed per prediction, at least 1", TypeConverters.toInt
    )
    precision: "Param[str]" = Param(
        Params._dummy(),
        "precision",
        "what a float model computes in: fp32, bf16 or portable",
        TypeConverters.toString,
    )
    probabilities: "Param[bool]" = Param(
        Params._dummy(), "probabilities", "keep those of all classes", TypeConverters.toBoolean
    )
    embeddings: "Param[bool]" = Param(
        Params._dummy(), "embeddings", "keep the features the classifier reads", TypeConverters.toBoolean
    )
    minConfidence: "Param[float]" = Param(
        Params._dummy(), "minConfidence", "less probable predictions are marked for review", TypeConverters.toFloat
    )
    views: "Param[str]" = Param(
        Params._dummy(),
        "views",
        "one, or flip: the mean probabilities of an image and its mirror image",
        TypeConverters.toString,
    )
    maxPixels: "Param[int]" = Param(
        Params._dummy(), "maxPixels", "larger images are an error, undecoded", TypeConverters.toInt
    )
    maxBytes: "Param[int]" = Param(
        Params._dummy(), "maxBytes", "larger files are an error, undecoded", TypeConverters.toInt
    )

    @keyword_only
    def __init__(
        self,
        *,
        model: Optional[str] = None,
        inputCol: Optional[str] = None,
        outputCol: Optional[str] = None,
        batchSize: Optional[int] = None,
        topK: Optional[int] = None,
        precision: Optional[str] = None,
        probabilities: Optional[bool] = None,
        embeddings: Optional[bool] = None,
        minConfidence: Optional[float] = None,
        views: Optional[str] = None,
        maxPixels: Optional[int] = None,
        maxBytes: Optional[int] = None,
    ) -> None:
        super().__init__()
        self._java_obj = self._new_java_obj("dev.octavo.ml.OctavoClassifier", self.uid)
        self._setDefault(
            inputCol="content",
            outputCol="prediction",
            batchSize=16,
            topK=5,
            precision="fp32",
            probabilities=False,
            embeddings=False,
            minConfidence=0.0,
            maxPixels=89478485,
            maxBytes=64 << 20,
            views="one",
        )
        _set_given(self, self._input_kwargs)

    def setModel(self, value: str) -> "OctavoClassifier":
        """Sets :py:attr:`model`: directory of the model bundle, on any Hadoop file system."""
        return self._set(model=value)

    def setInputCol(self, value: str) -> "OctavoClassifier":
        """Sets :py:attr:`inputCol`: column of images: binary (files) or Spark's image schema."""
        return self._set(inputCol=value)

    def setOutputCol(self, value: str) -> "OctavoClassifier":
        """Sets :py:attr:`outputCol`: column of predictions that is added."""
        return self._set(outputCol=value)

    def setBatchSize(self, value: int) -> "OctavoClassifier":
        """Sets :py:attr:`batchSize`: images per call of the model, 1 to 1024."""
        return self._set(batchSize=value)

    def setTopK(self, value: int) -> "OctavoClassifier":
        """Sets :py:attr:`topK`: classes listed per prediction, at least 1."""
        return self._set(topK=value)

    def setPrecision(self, value: str) -> "OctavoClassifier":
        """Sets :py:attr:`precision`: what a float model computes in: fp32, bf16 or portable."""
        return self._set(precision=value)

    def setProbabilities(self, value: bool) -> "OctavoClassifier":
        """Sets :py:attr:`probabilities`: keep those of all classes."""
        return self._set(probabilities=value)

    def setEmbeddings(self, value: bool) -> "OctavoClassifier":
        """Sets :py:attr:`embeddings`: keep the features the classifier reads."""
        return self._set(embeddings=value)

    def setMinConfidence(self, value: float) -> "OctavoClassifier":
        """Sets :py:attr:`minConfidence`: less probable predictions are marked for review."""
        return self._set(minConfidence=value)

    def setViews(self, value: str) -> "OctavoClassifier":
        """Sets :py:attr:`views`: one, or flip: the mean probabilities of an image and its mirror image."""
        return self._set(views=value)

    def setMaxPixels(self, value: int) -> "OctavoClassifier":
        """Sets :py:attr:`maxPixels`: larger images are an error, undecoded."""
        return self._set(maxPixels=value)

    def setMaxBytes(self, value: int) -> "OctavoClassifier":
        """Sets :py:attr:`maxBytes`: larger files are an error, undecoded."""
        return self._set(maxBytes=value)


class OctavoEstimator(_Fitting):
    """Trains a classifier on a table of images and labels, with the trainer of ``jobs/train``.

    Rows to validate with are those that ``validationIndicatorCol`` says, else a fraction of each class; the epoch
    that did best on them is the model. It is written to ``workDir`` (else Spark's checkpoint directory). Executors
    must have one task slot each: ``spark.task.cpus`` is their number of cores.
    """

    inputCol: "Param[str]" = Param(
        Params._dummy(),
        "inputCol",
        "column of images: binary (files) or Spark's image schema",
        TypeConverters.toString,
    )
    labelCol: "Param[str]" = Param(
        Params._dummy(),
        "labelCol",
        "column of classes: strings or numbers; rows without one are left aside",
        TypeConverters.toString,
    )
    pathCol: "Param[str]" = Param(
        Params._dummy(),
        "pathCol",
        "column of unique names of rows; without it they are called after class and hash",
        TypeConverters.toString,
    )
    validationIndicatorCol: "Param[str]" = Param(
        Params._dummy(),
        "validationIndicatorCol",
        "boolean column that is true for rows to validate with",
        TypeConverters.toString,
    )
    validationFraction: "Param[float]" = Param(
        Params._dummy(),
        "validationFraction",
        "fraction of each class to validate with, where no column says",
        TypeConverters.toFloat,
    )
    outputCol: "Param[str]" = Param(
        Params._dummy(), "outputCol", "column of predictions that the model adds", TypeConverters.toString
    )
    workDir: "Param[str]" = Param(
        Params._dummy(),
        "workDir",
        "directory that all executors see, where the model and what is needed for it are written",
        TypeConverters.toString,
    )
    maxPixels: "Param[int]" = Param(
        Params._dummy(), "maxPixels", "larger images are left aside, undecoded", TypeConverters.toInt
    )
    maxBytes: "Param[int]" = Param(
        Params._dummy(), "maxBytes", "larger files are left aside, undecoded", TypeConverters.toInt
    )
    seed: "Param[int]" = Param(
        Params._dummy(), "seed", "seed of everything random", TypeConverters.toInt
    )
    network: "Param[str]" = Param(
        Params._dummy(),
        "network",
        "name of the architecture, as jobs/train --network has it",
        TypeConverters.toString,
    )
    weights: "Param[str]" = Param(
        Params._dummy(),
        "weights",
        "file or model bundle to start from; without it from scratch",
        TypeConverters.toString,
    )
    quantizationAware: "Param[str]" = Param(
        Params._dummy(),
        "quantizationAware",
        "int8 bundle that was made of weights, which training simulates; batch norm is frozen",
        TypeConverters.toString,
    )
    teacher: "Param[str]" = Param(
        Params._dummy(),
        "teacher",
        "bundle of a model of the same classes whose answers are learned, too",
        TypeConverters.toString,
    )
    teacherWeight: "Param[float]" = Param(
        Params._dummy(),
        "teacherWeight",
        "the teacher's part in the loss, above 0; 1 leaves the labels out",
        TypeConverters.toFloat,
    )
    temperature: "Param[float]" = Param(
        Params._dummy(),
        "temperature",
        "divisor of the logits of teacher and student, from 1",
        TypeConverters.toFloat,
    )
    allowPartial: "Param[bool]" = Param(
        Params._dummy(),
        "allowPartial",
        "accept weights that have less than half of the network's parameters",
        TypeConverters.toBoolean,
    )
    imageSize: "Param[int]" = Param(
        Params._dummy(),
        "imageSize",
        "height and width of the crops in pixels; the network's own unless set",
        TypeConverters.toInt,
    )
    epochs: "Param[int]" = Param(
        Params._dummy(), "epochs", "passes over the rows to train on", TypeConverters.toInt
    )
    batchSize: "Param[int]" = Param(
        Params._dummy(), "batchSize", "images per step and worker", TypeConverters.toInt
    )
    globalBatchSize: "Param[int]" = Param(
        Params._dummy(),
        "globalBatchSize",
        "images per step of all workers together, in place of batchSize; 0 is off",
        TypeConverters.toInt,
    )
    accumulate: "Param[int]" = Param(
        Params._dummy(), "accumulate", "batches per worker between two steps", TypeConverters.toInt
    )
    batchNorm: "Param[str]" = Param(
        Params._dummy(), "batchNorm", "statistics of batch norm: local, sync or frozen", TypeConverters.toString
    )
    freeze: "Param[List[str]]" = Param(
        Params._dummy(), "freeze", "stages or modules that are not trained, such as stem and layer1", TypeConverters.toListString
    )
    linearProbe: "Param[bool]" = Param(
        Params._dummy(),
        "linearProbe",
        "train the classifier alone, on features that are computed once",
        TypeConverters.toBoolean,
    )
    residualGamma: "Param[float]" = Param(
        Params._dummy(),
        "residualGamma",
        "start of the scale of the last batch norm of fresh residual blocks",
        TypeConverters.toFloat,
    )
    ema: "Param[float]" = Param(
        Params._dummy(),
        "ema",
        "decay per step of the moving average that is published; 0 is off",
        TypeConverters.toFloat,
    )
    patience: "Param[int]" = Param(
        Params._dummy(),
        "patience",
        "epochs without progress after which training ends; 0 is off",
        TypeConverters.toInt,
    )
    calibrateConfidence: "Param[bool]" = Param(
        Params._dummy(),
        "calibrateConfidence",
        "fit a temperature to the logits of the rows to validate with, for probabilities",
        TypeConverters.toBoolean,
    )
    precision: "Param[str]" = Param(
        Params._dummy(),
        "precision",
        "precision of convolutions: fp32, bf16, or auto for the fastest of the CPUs",
        TypeConverters.toString,
    )
    commDtype: "Param[str]" = Param(
        Params._dummy(),
        "commDtype",
        "type of gradients between workers: fp32 or bf16",
        TypeConverters.toString,
    )
    workers: "Param[int]" = Param(
        Params._dummy(), "workers", "executors that train; all unless set", TypeConverters.toInt
    )
    minWorkers: "Param[int]" = Param(
        Params._dummy(),
        "minWorkers",
        "fewest workers that go on when executors are lost for good; as many as before unless set",
        TypeConverters.toInt,
    )
    threads: "Param[int]" = Param(
        Params._dummy(),
        "threads",
        "threads of libtorch in each worker; the cores of an executor unless set",
        TypeConverters.toInt,
    )
    optimizer: "Param[str]" = Param(
        Params._dummy(), "optimizer", "update rule: sgd, nesterov or adamw", TypeConverters.toString
    )
    learningRate: "Param[float]" = Param(
        Params._dummy(), "learningRate", "learning rate at its highest, of what starts fresh", TypeConverters.toFloat
    )
    backboneLrFactor: "Param[float]" = Param(
        Params._dummy(),
        "backboneLrFactor",
        "factor on the learning rate of what comes from weights",
        TypeConverters.toFloat,
    )
    layerDecay: "Param[float]" = Param(
        Params._dummy(),
        "layerDecay",
        "factor on the learning rate from stage to stage, away from the classifier",
        TypeConverters.toFloat,
    )
    momentum: "Param[float]" = Param(
        Params._dummy(), "momentum", "momentum of sgd and nesterov, and adamw's first beta", TypeConverters.toFloat
    )
    weightDecay: "Param[float]" = Param(
        Params._dummy(),
        "weightDecay",
        "decay of weights; biases and batch norm are not decayed",
        TypeConverters.toFloat,
    )
    clipNorm: "Param[float]" = Param(
        Params._dummy(),
        "clipNorm",
        "length that a longer gradient is scaled down to; 0 for no limit",
        TypeConverters.toFloat,
    )
    samRho: "Param[float]" = Param(
        Params._dummy(),
        "samRho",
        "radius of sharpness-aware minimization (SAM), for twice the time; 0 for none",
        TypeConverters.toFloat,
    )
    schedule: "Param[str]" = Param(
        Params._dummy(),
        "schedule",
        "course of the learning rate: constant, step, cosine or one-cycle",
        TypeConverters.toString,
    )
    warmupEpochs: "Param[float]" = Param(
        Params._dummy(),
        "warmupEpochs",
        "epochs in which the learning rate rises; 1 unless set, or 0.3 of all for one-cycle",
        TypeConverters.toFloat,
    )
    stepEpochs: "Param[float]" = Param(
        Params._dummy(), "stepEpochs", "epochs between two steps of the schedule step", TypeConverters.toFloat
    )
    stepFactor: "Param[float]" = Param(
        Params._dummy(), "stepFactor", "factor on the learning rate at each step", TypeConverters.toFloat
    )
    crop: "Param[str]" = Param(
        Params._dummy(), "crop", "crop of train images: random-resized, random or center", TypeConverters.toString
    )
    minArea: "Param[float]" = Param(
        Params._dummy(), "minArea", "smallest share of an image that random-resized shows", TypeConverters.toFloat
    )
    flip: "Param[float]" = Param(
        Params._dummy(), "flip", "probability that an image is mirrored, left to right", TypeConverters.toFloat
    )
    colorJitter: "Param[float]" = Param(
        Params._dummy(),
        "colorJitter",
        "strength of random brightness, contrast, saturation and hue",
        TypeConverters.toFloat,
    )
    augment: "Param[str]" = Param(
        Params._dummy(), "augment", "random operations: trivial, rand or none", TypeConverters.toString
    )
    randomErasing: "Param[float]" = Param(
        Params._dummy(),
        "randomErasing",
        "probability that a rectangle of an image is erased",
        TypeConverters.toFloat,
    )
    dropoutFactor: "Param[float]" = Param(
        Params._dummy(),
        "dropoutFactor",
        "factor on the network's own dropout and stochastic depth; 0 turns them off",
        TypeConverters.toFloat,
    )
    repeats: "Param[int]" = Param(
        Params._dummy(),
        "repeats",
        "times that an epoch has an image it takes, varied otherwise; its steps stay",
        TypeConverters.toInt,
    )
    trainImageSize: "Param[str]" = Param(
        Params._dummy(),
        "trainImageSize",
        "height and width of rows to train on: 176, or 128-224 for sizes that rise; imageSize unless set",
        TypeConverters.toString,
    )
    mixup: "Param[float]" = Param(
        Params._dummy(),
        "mixup",
        "both parameters of the Beta distribution that images are mixed by; 0 is off",
        TypeConverters.toFloat,
    )
    cutmix: "Param[float]" = Param(
        Params._dummy(),
        "cutmix",
        "both parameters of the Beta distribution of areas that images swap; 0 is off",
        TypeConverters.toFloat,
    )
    labelSmoothing: "Param[float]" = Param(
        Params._dummy(),
        "labelSmoothing",
        "share of the target that is spread over all classes",
        TypeConverters.toFloat,
    )
    classWeights: "Param[str]" = Param(
        Params._dummy(),
        "classWeights",
        "balanced: an image counts inversely to the size of its class; or none",
        TypeConverters.toString,
    )
    checkpointMinutes: "Param[float]" = Param(
        Params._dummy(), "checkpointMinutes", "minutes between two checkpoints; 0 is off", TypeConverters.toFloat
    )
    checkpointSteps: "Param[int]" = Param(
        Params._dummy(), "checkpointSteps", "steps between two checkpoints; 0 is off", TypeConverters.toInt
    )
    keepCheckpoints: "Param[int]" = Param(
        Params._dummy(), "keepCheckpoints", "number of last checkpoints that are kept", TypeConverters.toInt
    )
    tensorboard: "Param[str]" = Param(
        Params._dummy(), "tensorboard", "directory for event files of TensorBoard", TypeConverters.toString
    )
    mlflow: "Param[str]" = Param(
        Params._dummy(),
        "mlflow",
        "address of an MLflow tracking server that settings and figures go to",
        TypeConverters.toString,
    )
    mlflowExperiment: "Param[str]" = Param(
        Params._dummy(), "mlflowExperiment", "experiment of the run on the MLflow server", TypeConverters.toString
    )

    @keyword_only
    def __init__(
        self,
        *,
        inputCol: Optional[str] = None,
        labelCol: Optional[str] = None,
        pathCol: Optional[str] = None,
        validationIndicatorCol: Optional[str] = None,
        validationFraction: Optional[float] = None,
        outputCol: Optional[str] = None,
        workDir: Optional[str] = None,
        maxPixels: Optional[int] = None,
        maxBytes: Optional[int] = None,
        seed: Optional[int] = None,
        network: Optional[str] = None,
        weights: Optional[str] = None,
        quantizationAware: Optional[str] = None,
        teacher: Optional[str] = None,
        teacherWeight: Optional[float] = None,
        temperature: Optional[float] = None,
        allowPartial: Optional[bool] = None,
        imageSize: Optional[int] = None,
        epochs: Optional[int] = None,
        batchSize: Optional[int] = None,
        globalBatchSize: Optional[int] = None,
        accumulate: Optional[int] = None,
        batchNorm: Optional[str] = None,
        freeze: Optional[List[str]] = None,
        linearProbe: Optional[bool] = None,
        residualGamma: Optional[float] = None,
        ema: Optional[float] = None,
        patience: Optional[int] = None,
        calibrateConfidence: Optional[bool] = None,
        precision: Optional[str] = None,
        commDtype: Optional[str] = None,
        workers: Optional[int] = None,
        minWorkers: Optional[int] = None,
        threads: Optional[int] = None,
        optimizer: Optional[str] = None,
        learningRate: Optional[float] = None,
        backboneLrFactor: Optional[float] = None,
        layerDecay: Optional[float] = None,
        momentum: Optional[float] = None,
        weightDecay: Optional[float] = None,
        clipNorm: Optional[float] = None,
        samRho: Optional[float] = None,
        schedule: Optional[str] = None,
        warmupEpochs: Optional[float] = None,
        stepEpochs: Optional[float] = None,
        stepFactor: Optional[float] = None,
        crop: Optional[str] = None,
        minArea: Optional[float] = None,
        flip: Optional[float] = None,
        colorJitter: Optional[float] = None,
        augment: Optional[str] = None,
        randomErasing: Optional[float] = None,
        dropoutFactor: Optional[float] = None,
        repeats: Optional[int] = None,
        trainImageSize: Optional[str] = None,
        mixup: Optional[float] = None,
        cutmix: Optional[float] = None,
        labelSmoothing: Optional[float] = None,
        classWeights: Optional[str] = None,
        checkpointMinutes: Optional[float] = None,
        checkpointSteps: Optional[int] = None,
        keepCheckpoints: Optional[int] = None,
        tensorboard: Optional[str] = None,
        mlflow: Optional[str] = None,
        mlflowExperiment: Optional[str] = None,
    ) -> None:
        super().__init__()
        self._java_obj = self._new_java_obj("dev.octavo.ml.OctavoEstimator", self.uid)
        self._setDefault(
            inputCol="content",
            labelCol="label",
            validationFraction=0.1,
            outputCol="prediction",
            maxPixels=89478485,
            maxBytes=64 << 20,
            seed=17,
            network="resnet50",
            teacherWeight=0.5,
            temperature=2.0,
            allowPartial=False,
            epochs=8,
            batchSize=32,
            globalBatchSize=0,
            accumulate=1,
            batchNorm="local",
            freeze=[],
            linearProbe=False,
            residualGamma=1.0,
            ema=0.0,
            patience=0,
            precision="auto",
            commDtype="fp32",
            optimizer="nesterov",
            learningRate=0.005,
            backboneLrFactor=1.0,
            momentum=0.9,
            weightDecay=1e-4,
            clipNorm=0.0,
            samRho=0.0,
            schedule="cosine",
            stepEpochs=30.0,
            stepFactor=0.1,
            crop="random-resized",
            minArea=0.08,
            flip=0.5,
            colorJitter=0.0,
            augment="none",
            randomErasing=0.0,
            mixup=0.0,
            cutmix=0.0,
            labelSmoothing=0.1,
            classWeights="none",
            checkpointMinutes=10.0,
            checkpointSteps=0,
            keepCheckpoints=2,
            mlflowExperiment="octavo",
            calibrateConfidence=False,
            layerDecay=1.0,
            dropoutFactor=1.0,
            repeats=1,
        )
        _set_given(self, self._input_kwargs)

    def setInputCol(self, value: str) -> "OctavoEstimator":
        """Sets :py:attr:`inputCol`: column of images: binary (files) or Spark's image schema."""
        return self._set(inputCol=value)

    def setLabelCol(self, value: str) -> "OctavoEstimator":
        """Sets :py:attr:`labelCol`: column of classes: strings or numbers; rows without one are left aside."""
        return self._set(labelCol=value)

    def setPathCol(self, value: str) -> "OctavoEstimator":
        """Sets :py:attr:`pathCol`: column of unique names of rows; without it they are called after class and hash."""
        return self._set(pathCol=value)

    def setValidationIndicatorCol(self, value: str) -> "OctavoEstimator":
        """Sets :py:attr:`validationIndicatorCol`: boolean column that is true for rows to validate with."""
        return self._set(validationIndicatorCol=value)

    def setValidationFraction(self, value: float) -> "OctavoEstimator":
        """Sets :py:attr:`validationFraction`: fraction of each class to validate with, where no column says."""
        return self._set(validationFraction=value)

    def setOutputCol(self, value: str) -> "OctavoEstimator":
        """Sets :py:attr:`outputCol`: column of predictions that the model adds."""
        return self._set(outputCol=value)

    def setWorkDir(self, value: str) -> "OctavoEstimator":
        """Sets :py:attr:`workDir`: directory that all executors see, where the model and what is needed for it are written."""
        return self._set(workDir=value)

    def setMaxPixels(self, value: int) -> "OctavoEstimator":
        """Sets :py:attr:`maxPixels`: larger images are left aside, undecoded."""
        return self._set(maxPixels=value)

    def setMaxBytes(self, value: int) -> "OctavoEstimator":
        """Sets :py:attr:`maxBytes`: larger files are left aside, undecoded."""
        return self._set(maxBytes=value)

    def setSeed(self, value: int) -> "OctavoEstimator":
        """Sets :py:attr:`seed`: seed of everything random."""
        return self._set(seed=value)

    def setNetwork(self, value: str) -> "OctavoEstimator":
        """Sets :py:attr:`network`: name of the architecture, as jobs/train --network has it."""
        return self._set(network=value)

    def setWeights(self, value: str) -> "OctavoEstimator":
        """Sets :py:attr:`weights`: file or model bundle to start from; without it from scratch."""
        return self._set(weights=value)

    def setQuantizationAware(self, value: str) -> "OctavoEstimator":
        """Sets :py:attr:`quantizationAware`: the int8 bundle that was made of weights, which training simulates."""
        return self._set(quantizationAware=value)

    def setTeacher(self, value: str) -> "OctavoEstimator":
        """Sets :py:attr:`teacher`: bundle of a model of the same classes whose answers are learned, too."""
        return self._set(teacher=value)

    def setTeacherWeight(self, value: float) -> "OctavoEstimator":
        """Sets :py:attr:`teacherWeight`: the teacher's part in the loss, above 0; 1 leaves the labels out."""
        return self._set(teacherWeight=value)

    def setTemperature(self, value: float) -> "OctavoEstimator":
        """Sets :py:attr:`temperature`: divisor of the logits of teacher and student, from 1."""
        return self._set(temperature=value)

    def setAllowPartial(self, value: bool) -> "OctavoEstimator":
        """Sets :py:attr:`allowPartial`: accept weights that have less than half of the network's parameters."""
        return self._set(allowPartial=value)

    def setImageSize(self, value: int) -> "OctavoEstimator":
        """Sets :py:attr:`imageSize`: height and width of the crops in pixels; the network's own unless set."""
        return self._set(imageSize=value)

    def setEpochs(self, value: int) -> "OctavoEstimator":
        """Sets :py:attr:`epochs`: passes over the rows to train on."""
        return self._set(epochs=value)

    def setBatchSize(self, value: int) -> "OctavoEstimator":
        """Sets :py:attr:`batchSize`: images per step and worker."""
        return self._set(batchSize=value)

    def setGlobalBatchSize(self, value: int) -> "OctavoEstimator":
        """Sets :py:attr:`globalBatchSize`: images per step of all workers together, in place of batchSize; 0 is off."""
        return self._set(globalBatchSize=value)

    def setAccumulate(self, value: int) -> "OctavoEstimator":
        """Sets :py:attr:`accumulate`: batches per worker between two steps."""
        return self._set(accumulate=value)

    def setBatchNorm(self, value: str) -> "OctavoEstimator":
        """Sets :py:attr:`batchNorm`: statistics of batch norm: local, sync or frozen."""
        return self._set(batchNorm=value)

    def setFreeze(self, value: List[str]) -> "OctavoEstimator":
        """Sets :py:attr:`freeze`: stages or modules that are not trained, such as stem and layer1."""
        return self._set(freeze=value)

    def setLinearProbe(self, value: bool) -> "OctavoEstimator":
        """Sets :py:attr:`linearProbe`: train the classifier alone, on features that are computed once."""
        return self._set(linearProbe=value)

    def setResidualGamma(self, value: float) -> "OctavoEstimator":
        """Sets :py:attr:`residualGamma`: start of the scale of the last batch norm of fresh residual blocks."""
        return self._set(residualGamma=value)

    def setEma(self, value: float) -> "OctavoEstimator":
        """Sets :py:attr:`ema`: decay per step of the moving average that is published; 0 is off."""
        return self._set(ema=value)

    def setPatience(self, value: int) -> "OctavoEstimator":
        """Sets :py:attr:`patience`: epochs without progress after which training ends; 0 is off."""
        return self._set(patience=value)

    def setCalibrateConfidence(self, value: bool) -> "OctavoEstimator":
        """Sets :py:attr:`calibrateConfidence`: fit a temperature to the logits of the rows to validate with, for probabilities."""
        return self._set(calibrateConfidence=value)

    def setPrecision(self, value: str) -> "OctavoEstimator":
        """Sets :py:attr:`precision`: precision of convolutions: fp32, bf16, or auto for the fastest of the CPUs."""
        return self._set(precision=value)

    def setCommDtype(self, value: str) -> "OctavoEstimator":
        """Sets :py:attr:`commDtype`: type of gradients between workers: fp32 or bf16."""
        return self._set(commDtype=value)

    def setWorkers(self, value: int) -> "OctavoEstimator":
        """Sets :py:attr:`workers`: executors that train; all unless set."""
        return self._set(workers=value)

    def setMinWorkers(self, value: int) -> "OctavoEstimator":
        """Sets :py:attr:`minWorkers`: fewest workers that go on when executors are lost for good; as many as before unless set."""
        return self._set(minWorkers=value)

    def setThreads(self, value: int) -> "OctavoEstimator":
        """Sets :py:attr:`threads`: threads of libtorch in each worker; the cores of an executor unless set."""
        return self._set(threads=value)

    def setOptimizer(self, value: str) -> "OctavoEstimator":
        """Sets :py:attr:`optimizer`: update rule: sgd, nesterov or adamw."""
        return self._set(optimizer=value)

    def setLearningRate(self, value: float) -> "OctavoEstimator":
        """Sets :py:attr:`learningRate`: learning rate at its highest, of what starts fresh."""
        return self._set(learningRate=value)

    def setBackboneLrFactor(self, value: float) -> "OctavoEstimator":
        """Sets :py:attr:`backboneLrFactor`: factor on the learning rate of what comes from weights."""
        return self._set(backboneLrFactor=value)

    def setLayerDecay(self, value: float) -> "OctavoEstimator":
        """Sets :py:attr:`layerDecay`: factor on the learning rate from stage to stage, away from the classifier."""
        return self._set(layerDecay=value)

    def setMomentum(self, value: float) -> "OctavoEstimator":
        """Sets :py:attr:`momentum`: momentum of sgd and nesterov, and adamw's first beta."""
        return self._set(momentum=value)

    def setWeightDecay(self, value: float) -> "OctavoEstimator":
        """Sets :py:attr:`weightDecay`: decay of weights; biases and batch norm are not decayed."""
        return self._set(weightDecay=value)

    def setClipNorm(self, value: float) -> "OctavoEstimator":
        """Sets :py:attr:`clipNorm`: length that a longer gradient is scaled down to; 0 for no limit."""
        return self._set(clipNorm=value)

    def setSamRho(self, value: float) -> "OctavoEstimator":
        """Sets :py:attr:`samRho`: radius of sharpness-aware minimization (SAM), for twice the time; 0 for none."""
        return self._set(samRho=value)

    def setSchedule(self, value: str) -> "OctavoEstimator":
        """Sets :py:attr:`schedule`: course of the learning rate: constant, step, cosine or one-cycle."""
        return self._set(schedule=value)

    def setWarmupEpochs(self, value: float) -> "OctavoEstimator":
        """Sets :py:attr:`warmupEpochs`: epochs in which the learning rate rises; 1 unless set, or 0.3 of all for one-cycle."""
        return self._set(warmupEpochs=value)

    def setStepEpochs(self, value: float) -> "OctavoEstimator":
        """Sets :py:attr:`stepEpochs`: epochs between two steps of the schedule step."""
        return self._set(stepEpochs=value)

    def setStepFactor(self, value: float) -> "OctavoEstimator":
        """Sets :py:attr:`stepFactor`: factor on the learning rate at each step."""
        return self._set(stepFactor=value)

    def setCrop(self, value: str) -> "OctavoEstimator":
        """Sets :py:attr:`crop`: crop of train images: random-resized, random or center."""
        return self._set(crop=value)

    def setMinArea(self, value: float) -> "OctavoEstimator":
        """Sets :py:attr:`minArea`: smallest share of an image that random-resized shows."""
        return self._set(minArea=value)

    def setFlip(self, value: float) -> "OctavoEstimator":
        """Sets :py:attr:`flip`: probability that an image is mirrored, left to right."""
        return self._set(flip=value)

    def setColorJitter(self, value: float) -> "OctavoEstimator":
        """Sets :py:attr:`colorJitter`: strength of random brightness, contrast, saturation and hue."""
        return self._set(colorJitter=value)

    def setAugment(self, value: str) -> "OctavoEstimator":
        """Sets :py:attr:`augment`: random operations: trivial, rand or none."""
        return self._set(augment=value)

    def setRandomErasing(self, value: float) -> "OctavoEstimator":
        """Sets :py:attr:`randomErasing`: probability that a rectangle of an image is erased."""
        return self._set(randomErasing=value)

    def setDropoutFactor(self, value: float) -> "OctavoEstimator":
        """Sets :py:attr:`dropoutFactor`: factor on the network's own dropout and stochastic depth; 0 turns them off."""
        return self._set(dropoutFactor=value)

    def setRepeats(self, value: int) -> "OctavoEstimator":
        """Sets :py:attr:`repeats`: times that an epoch has an image it takes, varied otherwise; its steps stay."""
        return self._set(repeats=value)

    def setTrainImageSize(self, value: str) -> "OctavoEstimator":
        """Sets :py:attr:`trainImageSize`: height and width of rows to train on: 176, or 128-224 for sizes that rise; imageSize unless set."""
        return self._set(trainImageSize=value)

    def setMixup(self, value: float) -> "OctavoEstimator":
        """Sets :py:attr:`mixup`: both parameters of the Beta distribution that images are mixed by; 0 is off."""
        return self._set(mixup=value)

    def setCutmix(self, value: float) -> "OctavoEstimator":
        """Sets :py:attr:`cutmix`: both parameters of the Beta distribution of areas that images swap; 0 is off."""
        return self._set(cutmix=value)

    def setLabelSmoothing(self, value: float) -> "OctavoEstimator":
        """Sets :py:attr:`labelSmoothing`: share of the target that is spread over all classes."""
        return self._set(labelSmoothing=value)

    def setClassWeights(self, value: str) -> "OctavoEstimator":
        """Sets :py:attr:`classWeights`: balanced: an image counts inversely to the size of its class; or none."""
        return self._set(classWeights=value)

    def setCheckpointMinutes(self, value: float) -> "OctavoEstimator":
        """Sets :py:attr:`checkpointMinutes`: minutes between two checkpoints; 0 is off."""
        return self._set(checkpointMinutes=value)

    def setCheckpointSteps(self, value: int) -> "OctavoEstimator":
        """Sets :py:attr:`checkpointSteps`: steps between two checkpoints; 0 is off."""
        return self._set(checkpointSteps=value)

    def setKeepCheckpoints(self, value: int) -> "OctavoEstimator":
        """Sets :py:attr:`keepCheckpoints`: number of last checkpoints that are kept."""
        return self._set(keepCheckpoints=value)

    def setTensorboard(self, value: str) -> "OctavoEstimator":
        """Sets :py:attr:`tensorboard`: directory for event files of TensorBoard."""
        return self._set(tensorboard=value)

    def setMlflow(self, value: str) -> "OctavoEstimator":
        """Sets :py:attr:`mlflow`: address of an MLflow tracking server that settings and figures go to."""
        return self._set(mlflow=value)

    def setMlflowExperiment(self, value: str) -> "OctavoEstimator":
        """Sets :py:attr:`mlflowExperiment`: experiment of the run on the MLflow server."""
        return self._set(mlflowExperiment=value)


class OctavoQuantizer(_Fitting):
    """Quantizes a float model to int8, calibrated on a table of images and labels.

    In a pipeline it follows an estimator or a classifier, whose model it finds by ``predictionCol``; alone it needs
    ``model``. ``fit`` fails if int8 loses more on the rows to validate with than ``maxDrop`` allows.
    """

    inputCol: "Param[str]" = Param(
        Params._dummy(),
        "inputCol",
        "column of images: binary (files) or Spark's image schema",
        TypeConverters.toString,
    )
    labelCol: "Param[str]" = Param(
        Params._dummy(),
        "labelCol",
        "column of classes: strings or numbers; rows without one are left aside",
        TypeConverters.toString,
    )
    pathCol: "Param[str]" = Param(
        Params._dummy(),
        "pathCol",
        "column of unique names of rows; without it they are called after class and hash",
        TypeConverters.toString,
    )
    validationIndicatorCol: "Param[str]" = Param(
        Params._dummy(),
        "validationIndicatorCol",
        "boolean column that is true for rows to validate with",
        TypeConverters.toString,
    )
    validationFraction: "Param[float]" = Param(
        Params._dummy(),
        "validationFraction",
        "fraction of each class to validate with, where no column says",
        TypeConverters.toFloat,
    )
    outputCol: "Param[str]" = Param(
        Params._dummy(), "outputCol", "column of predictions that the model adds", TypeConverters.toString
    )
    workDir: "Param[str]" = Param(
        Params._dummy(),
        "workDir",
        "directory that all executors see, where the model and what is needed for it are written",
        TypeConverters.toString,
    )
    maxPixels: "Param[int]" = Param(
        Params._dummy(), "maxPixels", "larger images are left aside, undecoded", TypeConverters.toInt
    )
    maxBytes: "Param[int]" = Param(
        Params._dummy(), "maxBytes", "larger files are left aside, undecoded", TypeConverters.toInt
    )
    seed: "Param[int]" = Param(
        Params._dummy(), "seed", "seed of everything random", TypeConverters.toInt
    )
    model: "Param[str]" = Param(
        Params._dummy(),
        "model",
        "directory of the float model; unless set, the one that made predictionCol",
        TypeConverters.toString,
    )
    predictionCol: "Param[str]" = Param(
        Params._dummy(), "predictionCol", "column of predictions of the float model", TypeConverters.toString
    )
    calibrationImages: "Param[int]" = Param(
        Params._dummy(),
        "calibrationImages",
        "images, spread over the classes, that activation ranges are observed on",
        TypeConverters.toInt,
    )
    calibrationMethod: "Param[str]" = Param(
        Params._dummy(),
        "calibrationMethod",
        "choice of activation ranges, as in jobs/quantize --calibration-method",
        TypeConverters.toString,
    )
    equalize: "Param[bool]" = Param(
        Params._dummy(),
        "equalize",
        "equalize channels between neighbouring convolutions first",
        TypeConverters.toBoolean,
    )
    biasCorrection: "Param[bool]" = Param(
        Params._dummy(),
        "biasCorrection",
        "correct biases for what rounding does to the mean of outputs",
        TypeConverters.toBoolean,
    )
    rounding: "Param[str]" = Param(
        Params._dummy(), "rounding", "rounding of weights: nearest or gptq", TypeConverters.toString
    )
    floatLayers: "Param[List[str]]" = Param(
        Params._dummy(), "floatLayers", "layers to keep in float32, by name or pattern", TypeConverters.toListString
    )
    fallback: "Param[str]" = Param(
        Params._dummy(), "fallback", "precision of the layers that stay float: fp32 or bf16", TypeConverters.toString
    )
    maxDrop: "Param[float]" = Param(
        Params._dummy(),
        "maxDrop",
        "points of top-1 accuracy that may be lost on the rows to validate with",
        TypeConverters.toFloat,
    )
    minAgreement: "Param[float]" = Param(
        Params._dummy(),
        "minAgreement",
        "fraction of those rows on which both models must name the same class",
        TypeConverters.toFloat,
    )
    maxFloatLayers: "Param[int]" = Param(
        Params._dummy(),
        "maxFloatLayers",
        "most further layers that may stay in float32 to pass the gate",
        TypeConverters.toInt,
    )
    calibrateConfidence: "Param[bool]" = Param(
        Params._dummy(),
        "calibrateConfidence",
        "fit a temperature to the int8 model's logits of the rows to validate with",
        TypeConverters.toBoolean,
    )
    target: "Param[str]" = Param(
        Params._dummy(),
        "target",
        "CPUs that will run it: amx, vnni, avx2, portable, or auto for the kind of this one",
        TypeConverters.toString,
    )

    @keyword_only
    def __init__(
        self,
        *,
        inputCol: Optional[str] = None,
        labelCol: Optional[str] = None,
        pathCol: Optional[str] = None,
        validationIndicatorCol: Optional[str] = None,
        validationFraction: Optional[float] = None,
        outputCol: Optional[str] = None,
        workDir: Optional[str] = None,
        maxPixels: Optional[int] = None,
        maxBytes: Optional[int] = None,
        seed: Optional[int] = None,
        model: Optional[str] = None,
        predictionCol: Optional[str] = None,
        calibrationImages: Optional[int] = None,
        calibrationMethod: Optional[str] = None,
        equalize: Optional[bool] = None,
        biasCorrection: Optional[bool] = None,
        rounding: Optional[str] = None,
        floatLayers: Optional[List[str]] = None,
        fallback: Optional[str] = None,
        maxDrop: Optional[float] = None,
        minAgreement: Optional[float] = None,
        maxFloatLayers: Optional[int] = None,
        calibrateConfidence: Optional[bool] = None,
        target: Optional[str] = None,
    ) -> None:
        super().__init__()
        self._java_obj = self._new_java_obj("dev.octavo.ml.OctavoQuantizer", self.uid)
        self._setDefault(
            inputCol="content",
            labelCol="label",
            validationFraction=0.1,
            outputCol="prediction_int8",
            maxPixels=89478485,
            maxBytes=64 << 20,
            seed=17,
            predictionCol="prediction",
            calibrationImages=512,
            calibrationMethod="mse",
            equalize=False,
            biasCorrection=True,
            rounding="gptq",
            floatLayers=[],
            fallback="fp32",
            maxDrop=0.5,
            minAgreement=0.0,
            maxFloatLayers=16,
            target="auto",
            calibrateConfidence=False,
        )
        _set_given(self, self._input_kwargs)

    def setInputCol(self, value: str) -> "OctavoQuantizer":
        """Sets :py:attr:`inputCol`: column of images: binary (files) or Spark's image schema."""
        return self._set(inputCol=value)

    def setLabelCol(self, value: str) -> "OctavoQuantizer":
        """Sets :py:attr:`labelCol`: column of classes: strings or numbers; rows without one are left aside."""
        return self._set(labelCol=value)

    def setPathCol(self, value: str) -> "OctavoQuantizer":
        """Sets :py:attr:`pathCol`: column of unique names of rows; without it they are called after class and hash."""
        return self._set(pathCol=value)

    def setValidationIndicatorCol(self, value: str) -> "OctavoQuantizer":
        """Sets :py:attr:`validationIndicatorCol`: boolean column that is true for rows to validate with."""
        return self._set(validationIndicatorCol=value)

    def setValidationFraction(self, value: float) -> "OctavoQuantizer":
        """Sets :py:attr:`validationFraction`: fraction of each class to validate with, where no column says."""
        return self._set(validationFraction=value)

    def setOutputCol(self, value: str) -> "OctavoQuantizer":
        """Sets :py:attr:`outputCol`: column of predictions that the model adds."""
        return self._set(outputCol=value)

    def setWorkDir(self, value: str) -> "OctavoQuantizer":
        """Sets :py:attr:`workDir`: directory that all executors see, where the model and what is needed for it are written."""
        return self._set(workDir=value)

    def setMaxPixels(self, value: int) -> "OctavoQuantizer":
        """Sets :py:attr:`maxPixels`: larger images are left aside, undecoded."""
        return self._set(maxPixels=value)

    def setMaxBytes(self, value: int) -> "OctavoQuantizer":
        """Sets :py:attr:`maxBytes`: larger files are left aside, undecoded."""
        return self._set(maxBytes=value)

    def setSeed(self, value: int) -> "OctavoQuantizer":
        """Sets :py:attr:`seed`: seed of everything random."""
        return self._set(seed=value)

    def setModel(self, value: str) -> "OctavoQuantizer":
        """Sets :py:attr:`model`: directory of the float model; unless set, the one that made predictionCol."""
        return self._set(model=value)

    def setPredictionCol(self, value: str) -> "OctavoQuantizer":
        """Sets :py:attr:`predictionCol`: column of predictions of the float model."""
        return self._set(predictionCol=value)

    def setCalibrationImages(self, value: int) -> "OctavoQuantizer":
        """Sets :py:attr:`calibrationImages`: images, spread over the classes, that activation ranges are observed on."""
        return self._set(calibrationImages=value)

    def setCalibrationMethod(self, value: str) -> "OctavoQuantizer":
        """Sets :py:attr:`calibrationMethod`: choice of activation ranges, as in jobs/quantize --calibration-method."""
        return self._set(calibrationMethod=value)

    def setEqualize(self, value: bool) -> "OctavoQuantizer":
        """Sets :py:attr:`equalize`: equalize channels between neighbouring convolutions first."""
        return self._set(equalize=value)

    def setBiasCorrection(self, value: bool) -> "OctavoQuantizer":
        """Sets :py:attr:`biasCorrection`: correct biases for what rounding does to the mean of outputs."""
        return self._set(biasCorrection=value)

    def setRounding(self, value: str) -> "OctavoQuantizer":
        """Sets :py:attr:`rounding`: rounding of weights: nearest or gptq."""
        return self._set(rounding=value)

    def setFloatLayers(self, value: List[str]) -> "OctavoQuantizer":
        """Sets :py:attr:`floatLayers`: layers to keep in float32, by name or pattern."""
        return self._set(floatLayers=value)

    def setFallback(self, value: str) -> "OctavoQuantizer":
        """Sets :py:attr:`fallback`: precision of the layers that stay float: fp32 or bf16."""
        return self._set(fallback=value)

    def setMaxDrop(self, value: float) -> "OctavoQuantizer":
        """Sets :py:attr:`maxDrop`: points of top-1 accuracy that may be lost on the rows to validate with."""
        return self._set(maxDrop=value)

    def setMinAgreement(self, value: float) -> "OctavoQuantizer":
        """Sets :py:attr:`minAgreement`: fraction of those rows on which both models must name the same class."""
        return self._set(minAgreement=value)

    def setMaxFloatLayers(self, value: int) -> "OctavoQuantizer":
        """Sets :py:attr:`maxFloatLayers`: most further layers that may stay in float32 to pass the gate."""
        return self._set(maxFloatLayers=value)

    def setCalibrateConfidence(self, value: bool) -> "OctavoQuantizer":
        """Sets :py:attr:`calibrateConfidence`: fit a temperature to the int8 model's logits of the rows to validate with."""
        return self._set(calibrateConfidence=value)

    def setTarget(self, value: str) -> "OctavoQuantizer":
        """Sets :py:attr:`target`: CPUs that will run it: amx, vnni, avx2, portable, or auto for the kind of this one."""
        return self._set(target=value)


class OctavoEvaluator(JavaEvaluator, _Stage):
    """Compares predicted classes with a column of labels, from 0 to 1.

    An image that could not be classified counts as wrong; a row without a label does not count.
    """

    labelCol: "Param[str]" = Param(
        Params._dummy(), "labelCol", "column of classes: strings or numbers", TypeConverters.toString
    )
    predictionCol: "Param[str]" = Param(
        Params._dummy(), "predictionCol", "column of predictions", TypeConverters.toString
    )
    metricName: "Param[str]" = Param(
        Params._dummy(),
        "metricName",
        "accuracy (of all rows) or meanPerClass (of the classes' ones)",
        TypeConverters.toString,
    )

    @keyword_only
    def __init__(
        self,
        *,
        labelCol: Optional[str] = None,
        predictionCol: Optional[str] = None,
        metricName: Optional[str] = None,
    ) -> None:
        super().__init__()
        self._java_obj = self._new_java_obj("dev.octavo.ml.OctavoEvaluator", self.uid)
        self._setDefault(
            labelCol="label",
            predictionCol="prediction",
            metricName="accuracy",
        )
        _set_given(self, self._input_kwargs)

    def setLabelCol(self, value: str) -> "OctavoEvaluator":
        """Sets :py:attr:`labelCol`: column of classes: strings or numbers."""
        return self._set(labelCol=value)

    def setPredictionCol(self, value: str) -> "OctavoEvaluator":
        """Sets :py:attr:`predictionCol`: column of predictions."""
        return self._set(predictionCol=value)

    def setMetricName(self, value: str) -> "OctavoEvaluator":
        """Sets :py:attr:`metricName`: accuracy (of all rows) or meanPerClass (of the classes' ones)."""
        return self._set(metricName=value)
