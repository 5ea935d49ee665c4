package dev.octavo.ml;

import dev.octavo.spark.ScalaCollections;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeSet;
import org.apache.spark.sql.catalyst.expressions.AttributeSet$;
import org.apache.spark.sql.catalyst.expressions.ScalaUDF;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;

/**
 * The column of a call of {@code octavo_classify}, added to its child's: a node of logical plans.
 *
 * <p>Public, with a public constructor of what {@link #productElement} lists, since Spark makes its
 * copies by reflection.
 */
public final class Classify extends LogicalPlan {
  private static final long serialVersionUID = 1L;

  private final ScalaUDF call;
  private final Attribute result;
  private final LogicalPlan child;

  /**
   * Evaluates a call whose argument is made of the child's columns.
   *
   * @param result the column that is added
   */
  public Classify(ScalaUDF call, Attribute result, LogicalPlan child) {
    this.call = call;
    this.result = result;
    this.child = child;
  }

  ScalaUDF call() {
    return call;
  }

  Attribute result() {
    return result;
  }

  LogicalPlan child() {
    return child;
  }

  @Override
  public scala.collection.immutable.Seq<Attribute> output() {
    List<Attribute> output = new ArrayList<>(ScalaCollections.asJava(child.output()));
    output.add(result);
    return ScalaCollections.asScala(output);
  }

  @Override
  public AttributeSet producedAttributes() {
    return AttributeSet$.MODULE$.apply(result);
  }

  @Override
  public scala.collection.immutable.Seq<LogicalPlan> children() {
    return ScalaCollections.asScala(List.of(child));
  }

  /** As Spark 3.5 declares it. */
  @SuppressWarnings("MissingOverride") // only there
  public LogicalPlan withNewChildrenInternal(scala.collection.IndexedSeq<LogicalPlan> children) {
    return new Classify(call, result, children.head());
  }

  /** As Spark 4 declares it. */
  @SuppressWarnings("MissingOverride") // only there
  public LogicalPlan withNewChildrenInternal(
      scala.collection.immutable.IndexedSeq<LogicalPlan> children) {
    return new Classify(call, result, children.head());
  }

  @Override
  public int productArity() {
    return 3;
  }

  @Override
  public Object productElement(int index) {
    return List.of(call, result, child).get(index);
  }

  @Override
  public boolean canEqual(Object other) {
    return other instanceof Classify;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Classify node
        && call.equals(node.call)
        && result.equals(node.result)
        && child.equals(node.child);
  }

  @Override
  public int hashCode() {
    return Objects.hash(call, result, child);
  }
}
