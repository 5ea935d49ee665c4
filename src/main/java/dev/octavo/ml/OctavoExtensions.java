package dev.octavo.ml;

import dev.octavo.OctavoException;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.SparkSessionExtensions;
import org.apache.spark.sql.catalyst.FunctionIdentifier;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.ExpressionInfo;
import scala.Tuple3;
import scala.collection.Seq;
import scala.runtime.AbstractFunction1;
import scala.runtime.BoxedUnit;

/**
 * Adds {@code octavo_classify} to every session by configuration alone, as for the {@code
 * spark-sql} shell and the Thrift server: {@code spark.sql.extensions} names this class, {@code
 * spark.octavo.model} the directory of the model bundle. The model is looked up when the function
 * is first used.
 */
public final class OctavoExtensions extends AbstractFunction1<SparkSessionExtensions, BoxedUnit> {
  /** The setting that names the model. */
  public static final String MODEL = "spark.octavo.model";

  @Override
  public BoxedUnit apply(SparkSessionExtensions extensions) {
    extensions.injectFunction(
        new Tuple3<>(
            new FunctionIdentifier(OctavoFunctions.DEFAULT_NAME),
            new ExpressionInfo(OctavoFunctions.class.getName(), null, OctavoFunctions.DEFAULT_NAME),
            new Builder<>()));
    return BoxedUnit.UNIT;
  }

  /**
   * Makes the expression of a call.
   *
   * @param <S> the arguments: which of Scala's sequences they are is a matter of its version
   */
  private static final class Builder<S> extends AbstractFunction1<S, Expression> {
    private String key;
    private ClassifyFunction function;

    @Override
    public synchronized Expression apply(S all) {
      Seq<?> arguments = (Seq<?>) all;
      if (arguments.size() != 1) {
        throw new OctavoException.Usage(
            "%s takes one image, not %d arguments"
                .formatted(OctavoFunctions.DEFAULT_NAME, arguments.size()));
      }
      SparkSession spark = SparkSession.active();
      String wanted = spark.conf().get(MODEL, "");
      if (wanted.isEmpty()) {
        throw new OctavoException.Usage(
            "%s has no model: set %s to the directory of a bundle"
                .formatted(OctavoFunctions.DEFAULT_NAME, MODEL));
      }
      String wantedKey = spark.sparkContext().applicationId() + ' ' + wanted;
      if (!wantedKey.equals(key)) {
        function = OctavoFunctions.function(spark, new OctavoClassifier().setModel(wanted));
        key = wantedKey;
      }
      BatchedCalls.install(spark);
      return function.call(OctavoFunctions.DEFAULT_NAME, (Expression) arguments.head());
    }
  }
}
