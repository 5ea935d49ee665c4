package dev.octavo.ml;

import dev.octavo.inference.InferencePlan;
import dev.octavo.inference.PredictionColumns;
import dev.octavo.spark.ScalaCollections;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeSet;
import org.apache.spark.sql.catalyst.expressions.AttributeSet$;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.ScalaUDF;
import org.apache.spark.sql.catalyst.expressions.SortOrder;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.plans.physical.Partitioning;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.types.DataType;
import scala.Function1;

/**
 * The column of a call of {@code octavo_classify}, added to its child's: the operator that gathers
 * a partition's rows into batches.
 *
 * <p>Public, with a public constructor of what {@link #productElement} lists, since Spark makes its
 * copies by reflection.
 */
public final class ClassifyExec extends SparkPlan {
  private static final long serialVersionUID = 1L;

  private final ScalaUDF call;
  private final Attribute result;
  private final SparkPlan child;

  /**
   * Evaluates a call whose argument is made of the child's columns.
   *
   * @param result the column that is added
   */
  public ClassifyExec(ScalaUDF call, Attribute result, SparkPlan child) {
    this.call = call;
    this.result = result;
    this.child = child;
  }

  @Override
  public Partitioning outputPartitioning() {
    return child.outputPartitioning();
  }

  @Override
  public scala.collection.immutable.Seq<SortOrder> outputOrdering() {
    return child.outputOrdering().toList();
  }

  @Override
  public RDD<InternalRow> doExecute() {
    Evaluation evaluation =
        new Evaluation(
            ((ClassifyFunction) call.function()).plan(),
            call.children().head(),
            child.output().toList(),
            ScalaCollections.asJava(output()).stream()
                .map(Attribute::dataType)
                .toArray(DataType[]::new));
    return child
        .execute()
        .toJavaRDD()
        .map(InternalRow::copy)
        .mapPartitions(evaluation::of, true)
        .rdd();
  }

  /**
   * The work of an executor.
   *
   * @param image as an expression of the input's columns
   * @param types of all columns that come out
   */
  private record Evaluation(
      Broadcast<InferencePlan> plan,
      Expression image,
      scala.collection.immutable.List<Attribute> input,
      DataType[] types)
      implements Serializable {
    Iterator<InternalRow> of(Iterator<InternalRow> rows) {
      if (!rows.hasNext()) {
        return rows;
      }
      DataType type = image.dataType();
      UnsafeProjection images =
          UnsafeProjection.create(ScalaCollections.asScala(List.of(image)), input);
      Function1<Object, Object> toScala = CatalystTypeConverters.createToScalaConverter(type);
      Function1<Object, Object> toCatalyst =
          CatalystTypeConverters.createToCatalystConverter(PredictionColumns.SCHEMA);
      UnsafeProjection all = UnsafeProjection.create(types);
      return new ClassifiedRows<>(
          plan.value(),
          rows,
          row -> ImageColumn.image(toScala.apply(images.apply(row).get(0, type))),
          (row, prediction) -> {
            InternalRow added = new GenericInternalRow(new Object[] {toCatalyst.apply(prediction)});
            return all.apply(new JoinedRow(row, added)).copy();
          });
    }
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
  public scala.collection.immutable.Seq<SparkPlan> children() {
    return ScalaCollections.asScala(List.of(child));
  }

  /** As Spark 3.5 declares it. */
  @SuppressWarnings("MissingOverride") // only there
  public SparkPlan withNewChildrenInternal(scala.collection.IndexedSeq<SparkPlan> children) {
    return new ClassifyExec(call, result, children.head());
  }

  /** As Spark 4 declares it. */
  @SuppressWarnings("MissingOverride") // only there
  public SparkPlan withNewChildrenInternal(
      scala.collection.immutable.IndexedSeq<SparkPlan> children) {
    return new ClassifyExec(call, result, children.head());
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
    return other instanceof ClassifyExec;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ClassifyExec node
        && call.equals(node.call)
        && result.equals(node.result)
        && child.equals(node.child);
  }

  @Override
  public int hashCode() {
    return Objects.hash(call, result, child);
  }
}
