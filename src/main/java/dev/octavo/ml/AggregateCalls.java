package dev.octavo.ml;

import dev.octavo.spark.ScalaCollections;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateExpression;
import org.apache.spark.sql.catalyst.plans.logical.Aggregate;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import scala.Option;

/**
 * Calls in an aggregation: those in an argument of an aggregate function are made before, those on
 * its result or on a key after it.
 */
final class AggregateCalls {
  private AggregateCalls() {}

  /** The aggregate functions in an expression. */
  static Stream<Expression> arguments(Expression expression) {
    return expression instanceof AggregateExpression
        ? Stream.of(expression)
        : ScalaCollections.asJava(expression.children()).stream()
            .flatMap(AggregateCalls::arguments);
  }

  /** The aggregation with a projection above that makes the calls on what it puts out. */
  static LogicalPlan above(Aggregate aggregate) {
    List<NamedExpression> columns = ScalaCollections.asJava(aggregate.aggregateExpressions());
    if (columns.stream().noneMatch(column -> callsOnResults((Expression) column, aggregate))) {
      return aggregate;
    }
    List<NamedExpression> below = new ArrayList<>();
    List<NamedExpression> above = new ArrayList<>();
    for (NamedExpression column : columns) {
      if (callsOnResults((Expression) column, aggregate)) {
        var replacement =
            new Replacement(
                e -> isResult(e, aggregate),
                e -> {
                  NamedExpression result = e instanceof NamedExpression named ? named : alias(e);
                  below.add(result);
                  return result.toAttribute();
                });
        above.add((NamedExpression) ((Expression) column).transformDown(replacement));
      } else {
        below.add(column);
        above.add(column.toAttribute());
      }
    }
    // By its fields, of which Spark 4 has one more.
    Object[] fields =
        IntStream.range(0, aggregate.productArity())
            .mapToObj(i -> i == 1 ? ScalaCollections.asScala(below) : aggregate.productElement(i))
            .toArray();
    return new Project(ScalaCollections.asScala(above), aggregate.makeCopy(fields));
  }

  private static NamedExpression alias(Expression expression) {
    return new Alias(
        expression,
        "aggregated",
        NamedExpression.newExprId(),
        ScalaCollections.asScala(List.of()),
        Option.empty(),
        ScalaCollections.asScala(List.of()));
  }

  /** Returns whether the aggregation itself has to compute it. */
  private static boolean isResult(Expression expression, Aggregate aggregate) {
    return expression instanceof AggregateExpression
        || ScalaCollections.asJava(aggregate.groupingExpressions()).stream()
            .anyMatch(expression::semanticEquals);
  }

  private static boolean callsOnResults(Expression expression, Aggregate aggregate) {
    if (isResult(expression, aggregate)) {
      return false;
    }
    return BatchedCalls.isCall(expression)
        || ScalaCollections.asJava(expression.children()).stream()
            .anyMatch(child -> callsOnResults(child, aggregate));
  }
}
