package dev.octavo.ml;

import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.catalyst.expressions.Expression;
import scala.PartialFunction;

/** A replacement of expressions, as Catalyst's transformations take it. */
record Replacement(Predicate<Expression> wanted, UnaryOperator<Expression> by)
    implements PartialFunction<Expression, Expression> {
  @Override
  public boolean isDefinedAt(Expression expression) {
    return wanted.test(expression);
  }

  @Override
  public Expression apply(Expression expression) {
    return by.apply(expression);
  }
}
