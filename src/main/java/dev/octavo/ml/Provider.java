package dev.octavo.ml;

import dev.octavo.spark.ScalaCollections;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeReference;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.ScalaUDF;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.plans.logical.Sort;
import org.apache.spark.sql.types.Metadata;

/**
 * A plan that has the result of a call beside its columns.
 *
 * @param result of the call
 */
record Provider(LogicalPlan plan, Attribute result) {
  /** The plan with the result, of a call made below already if there is one. */
  static Provider of(LogicalPlan plan, ScalaUDF call) {
    return existing(plan, call)
        .orElseGet(
            () -> {
              Attribute result =
                  new AttributeReference(
                      call.name(),
                      call.dataType(),
                      call.nullable(),
                      Metadata.empty(),
                      NamedExpression.newExprId(),
                      ScalaCollections.asScala(List.of()));
              return new Provider(new Classify(call, result, plan), result);
            });
  }

  /** Looks through nodes that leave rows as they are. */
  private static Optional<Provider> existing(LogicalPlan plan, ScalaUDF call) {
    if (plan instanceof Classify node) {
      return node.call().semanticEquals(call)
          ? Optional.of(new Provider(node, node.result()))
          : through(node, node.child(), call);
    }
    if (plan instanceof Filter filter) {
      return through(filter, filter.child(), call);
    }
    if (plan instanceof Sort sort) {
      return through(sort, sort.child(), call);
    }
    if (plan instanceof Project project) {
      return existing(project.child(), call).map(below -> extended(project, below));
    }
    return Optional.empty();
  }

  private static Optional<Provider> through(LogicalPlan plan, LogicalPlan child, ScalaUDF call) {
    return existing(child, call)
        .map(below -> new Provider(plan.mapChildren(c -> below.plan()), below.result()));
  }

  private static Provider extended(Project project, Provider below) {
    List<NamedExpression> columns = new ArrayList<>(ScalaCollections.asJava(project.projectList()));
    if (columns.stream().noneMatch(c -> below.result().semanticEquals((Expression) c))) {
      columns.add(below.result());
    }
    return new Provider(
        new Project(ScalaCollections.asScala(columns), below.plan()), below.result());
  }
}
