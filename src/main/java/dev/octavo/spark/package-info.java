/**
 * Octavo's additions to Spark: the session that a command works in ({@link
 * dev.octavo.spark.OctavoSession}), names for jobs in the Spark UI ({@link
 * dev.octavo.spark.JobGroup}), and resources that the tasks of one executor JVM share ({@link
 * dev.octavo.spark.JvmResource}).
 */
package dev.octavo.spark;
