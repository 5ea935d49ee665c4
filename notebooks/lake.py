#!/usr/bin/env python3
"""From one Delta table to another: photos train a classifier at the better of two learning rates, which is quantized and
writes its predictions to a second table. src/measure/java/dev/octavo/ml/LakeExample.java has the same steps in Java.

    python notebooks/lake.py PHOTOS WORK    images in PHOTOS/CLASS/FILE, a new directory for tables and models

Needs the PySpark of Spark 3.5 (notebooks/pyspark.ipynb says where from) and what "mvn -B -DskipTests package" makes.
docs/library.md has what it prints.
"""

import sys
from pathlib import Path

from pyspark.ml.tuning import CrossValidator, ParamGridBuilder
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

photos_folder, work = sys.argv[1], Path(sys.argv[2]).resolve()
root = Path(__file__).resolve().parent.parent
octavo = next((root / "target").glob("octavo-spark-3.5_*[0-9].jar"))

# Octavo's jars and Delta's. In pyspark or a notebook that has a session, --jars and --packages name the same.
spark = (
    SparkSession.builder.master("local[*]")
    .config("spark.jars", ",".join(map(str, [octavo, *(root / "target/dist/lib").glob("*.jar")])))
    .config("spark.jars.packages", "io.delta:delta-spark_2.12:3.3.2")
    .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
    .config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
    .config("spark.sql.warehouse.dir", str(work / "warehouse"))
    .config("spark.sql.parquet.columnarReaderBatchSize", 32)  # a row carries an image: 4,096 in a batch are too many
    .config("spark.driver.memory", "2g")
    .config("spark.driver.extraJavaOptions", f"-Dlog4j2.configurationFile={root}/conf/log4j2.properties")
    .config("spark.ui.enabled", False)
    .getOrCreate()
)
spark.sparkContext.addPyFile(str(octavo))  # the module octavo is in the jar
from octavo import OctavoEstimator, OctavoEvaluator, OctavoQuantizer  # noqa: E402

# A table of photos: in your lake, it is there already.
(
    spark.read.format("binaryFile")
    .option("recursiveFileLookup", True)
    .load(photos_folder)
    .select("path", F.element_at(F.split("path", "/"), -2).alias("label"), "content")
    .write.format("delta")
    .saveAsTable("photos")
)
photos = spark.table("photos")
train, held_out = photos.randomSplit([0.75, 0.25], seed=7)

common = {"pathCol": "path", "workDir": str(work / "models")}
estimator = OctavoEstimator(network="resnet18", imageSize=64, epochs=4, batchSize=16, **common)
validated = CrossValidator(
    estimator=estimator,
    estimatorParamMaps=ParamGridBuilder().addGrid(estimator.learningRate, [0.0005, 0.05]).build(),
    evaluator=OctavoEvaluator(metricName="accuracy"),
    numFolds=2,
    seed=7,
).fit(train)
print("accuracies of the rates:", ", ".join(f"{accuracy:.4f}" for accuracy in validated.avgMetrics))

best = validated.bestModel
int8 = OctavoQuantizer(
    model=best.getOrDefault("model"), calibrationImages=64, maxDrop=5, outputCol="prediction", **common
).fit(train)
evaluator = OctavoEvaluator()
print(
    f"accuracy on held-out rows: float {evaluator.evaluate(best.transform(held_out)):.4f},"
    f" int8 {evaluator.evaluate(int8.transform(held_out)):.4f}"
)

(
    int8.transform(photos)
    .select(
        "path",
        F.col("label").alias("truth"),
        "prediction.label",
        "prediction.probability",
        "prediction.error",
    )
    .write.format("delta")
    .saveAsTable("scenes")
)
spark.sql("SELECT truth, label, count(*) AS photos FROM scenes GROUP BY 1, 2 ORDER BY 1, 3 DESC").show()
spark.sql("DESCRIBE HISTORY scenes").select("version", "operation", "operationMetrics.numOutputRows").show()
spark.stop()
