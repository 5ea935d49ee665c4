"""What PySparkTest runs: the module octavo with a real PySpark; prints one line for each thing that holds.

    python library.py FOLDER WORK    images in FOLDER/CLASS/FILE, and a directory to write to
"""

import sys

from pyspark.ml import Pipeline, PipelineModel
from pyspark.ml.tuning import CrossValidator, ParamGridBuilder
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from octavo import OctavoClassifier, OctavoEstimator, OctavoEvaluator, OctavoQuantizer, classify, register

folder, work = sys.argv[1:]
spark = SparkSession.builder.getOrCreate()


def holds(what, truth):
    if not truth:
        raise AssertionError(what)
    print("holds:", what, flush=True)


photos = (
    spark.read.format("binaryFile")
    .option("recursiveFileLookup", "true")
    .load(folder)
    .withColumn("label", F.element_at(F.split("path", "/"), -2))
)
for stage in (OctavoClassifier(), OctavoEstimator(), OctavoQuantizer(), OctavoEvaluator()):
    java = {p.name(): p for p in stage._java_obj.params()}
    holds(f"{type(stage).__name__} has Java's parameters", sorted(java) == sorted(p.name for p in stage.params))
    for param in stage.params:
        default = stage._java_obj.getDefault(java[param.name])
        expected = default.get() if default.isDefined() else None
        mine = stage.getOrDefault(param) if stage.hasDefault(param) else None
        if not isinstance(expected, (str, int, float, bool, type(None))):
            expected = list(expected)
        if mine != expected or param.doc != java[param.name].doc():
            raise AssertionError(f"{param}: {mine} ({param.doc}) but Java has {expected} ({java[param.name].doc()})")

estimator = OctavoEstimator(
    network="resnet18", imageSize=32, epochs=1, batchSize=4, freeze=["stem"], validationFraction=0.25, workDir=work
)
quantizer = OctavoQuantizer(
    calibrationImages=8, target="portable", maxDrop=100, validationFraction=0.25, workDir=work
)
fitted = Pipeline(stages=[estimator, quantizer]).fit(photos)
trained, int8 = fitted.stages
holds("fit gives classifiers", type(trained) is OctavoClassifier and type(int8) is OctavoClassifier)
holds("a model has its own batch size", trained.getOrDefault("batchSize") == 16)
both = fitted.transform(photos)
holds("both predict", both.where("prediction.error is null and prediction_int8.error is null").count() == photos.count())

fitted.write().overwrite().save(work + "/fitted")
loaded = PipelineModel.load(work + "/fitted")
holds("a pipeline is loaded with its classes", [type(s) for s in loaded.stages] == [OctavoClassifier] * 2)
holds("what is loaded has its own model", loaded.stages[0].getOrDefault("model").startswith("file:" + work + "/fitted"))
estimator.save(work + "/estimator")
again = OctavoEstimator.load(work + "/estimator")
holds("an estimator keeps its parameters", again.getOrDefault("freeze") == ["stem"] and again.getOrDefault("epochs") == 1)

labels = {r.path: r.label for r in trained.transform(photos).select("path", "prediction.label").collect()}
model = trained.getOrDefault("model")
called = {r.path: r.label for r in photos.select("path", classify("content", model).label.alias("label")).collect()}
holds("classify gives the transformer's classes", called == labels and None not in labels.values())
register(spark, model)
photos.createOrReplaceTempView("photos")
sql = {r.path: r.label for r in spark.sql("SELECT path, octavo_classify(content).label AS label FROM photos").collect()}
holds("so does SQL", sql == labels)

rates = ParamGridBuilder().addGrid(estimator.learningRate, [1e-300, 0.02]).build()
chosen = CrossValidator(
    estimator=estimator.setEpochs(4), estimatorParamMaps=rates, evaluator=OctavoEvaluator(), numFolds=2, seed=3
).fit(photos)
holds("a cross-validation has a figure for each rate", len(chosen.avgMetrics) == 2)
holds("the best model predicts", chosen.bestModel.transform(photos).where("prediction.error is null").count() > 0)
try:
    OctavoEstimator(epochs=0).fit(photos)
    raise AssertionError("0 epochs")
except Exception as refused:
    holds("errors are in words", "epochs of OctavoEstimator_" in str(refused) and "must be at least 1" in str(refused))
spark.stop()
