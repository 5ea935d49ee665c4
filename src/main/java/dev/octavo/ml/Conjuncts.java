package dev.octavo.ml;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.catalyst.expressions.And;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.plans.logical.Filter;

/** The terms of a filter's condition. */
final class Conjuncts {
  private Conjuncts() {}

  /** Rows that the terms without a call leave out need not be classified. */
  static Filter withoutCallsFirst(Filter filter) {
    if (!filter.condition().deterministic()) {
      return filter;
    }
    List<Expression> first = new ArrayList<>();
    List<Expression> then = new ArrayList<>();
    terms(filter.condition())
        .forEach(term -> (BatchedCalls.hasCall(term) ? then : first).add(term));
    return first.isEmpty() ? filter : new Filter(all(then), new Filter(all(first), filter.child()));
  }

  private static Stream<Expression> terms(Expression condition) {
    return condition instanceof And and
        ? Stream.concat(terms(and.left()), terms(and.right()))
        : Stream.of(condition);
  }

  private static Expression all(List<Expression> terms) {
    return terms.stream().reduce(And::new).orElseThrow();
  }
}
