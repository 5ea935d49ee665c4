#!/usr/bin/env python3
"""The example of docs/library.md: a Delta table in, cross-validation, training, int8, and a Delta table out.

    python library.py FOLDER WEIGHTS DIRECTORY

FOLDER has one folder of photos per class; DIRECTORY takes tables and models. The session must know Octavo and Delta:
start with spark-submit or pyspark and their jars, or packages, as docs/library.md shows.
"""

import sys

from pyspark.ml import Pipeline, PipelineModel
from pyspark.ml.tuning import CrossValidator, ParamGridBuilder
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from octavo import OctavoEstimator, OctavoEvaluator, OctavoQuantizer

folder, weights, directory = sys.argv[1:]
spark = SparkSession.builder.getOrCreate()
files = (
    spark.read.format("binaryFile").option("recursiveFileLookup", "true").load(folder)
    .withColumn("label", F.element_at(F.split("path", "/"), -2))
    .withColumn("validation", F.crc32("path") % 4 == 0)
)
files.select("path", "content", "label", "validation").write.format("delta").save(directory + "/photos")
photos = spark.read.format("delta").load(directory + "/photos")

estimator = OctavoEstimator(
    network="resnet50", weights=weights, imageSize=128, linearProbe=True, epochs=4, workDir=directory + "/models"
)
chosen = CrossValidator(
    estimator=estimator,
    estimatorParamMaps=ParamGridBuilder().addGrid(estimator.learningRate, [0.0001, 0.01]).build(),
    evaluator=OctavoEvaluator(),
    numFolds=2,
    seed=1,
).fit(photos)
print("accuracy by learning rate:", chosen.avgMetrics)

rate = [0.0001, 0.01][max(0, 1, key=lambda i: chosen.avgMetrics[i])]
pipeline = Pipeline(stages=[
    estimator.setLearningRate(rate).setValidationIndicatorCol("validation"),
    OctavoQuantizer(
        validationIndicatorCol="validation", calibrationImages=48, maxDrop=5.0, workDir=directory + "/models"
    ),
])
pipeline.fit(photos).write().overwrite().save(directory + "/rooms")

int8 = PipelineModel.load(directory + "/rooms").stages[1]
int8.transform(photos).select("path", "prediction_int8.*").write.format("delta").save(directory + "/scenes")
scenes = spark.read.format("delta").load(directory + "/scenes").withColumnRenamed("label", "predicted")
(
    photos.join(scenes, "path").groupBy("label")
    .agg(
        F.count("*").alias("photos"),
        F.count_if(F.col("predicted") == F.col("label")).alias("correct"),
        F.count_if(F.col("error").isNotNull()).alias("failed"),
    )
    .orderBy("label").show()
)
accuracy = OctavoEvaluator(predictionCol="prediction_int8").evaluate(int8.transform(photos.where("validation")))
print(f"accuracy of int8 on the rows to validate with: {accuracy:.3f}")
spark.stop()
