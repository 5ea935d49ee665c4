package dev.octavo.ml;

import dev.octavo.spark.ScalaCollections;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.ConditionalExpression;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.NamedLambdaVariable;
import org.apache.spark.sql.catalyst.expressions.ScalaUDF;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateExpression;
import org.apache.spark.sql.catalyst.optimizer.ColumnPruning$;
import org.apache.spark.sql.catalyst.plans.logical.Aggregate;
import org.apache.spark.sql.catalyst.plans.logical.Expand;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.Generate;
import org.apache.spark.sql.catalyst.plans.logical.Join;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.plans.logical.RepartitionByExpression;
import org.apache.spark.sql.catalyst.plans.logical.Sort;
import org.apache.spark.sql.catalyst.plans.logical.Subquery;
import org.apache.spark.sql.catalyst.plans.logical.Window;
import org.apache.spark.sql.catalyst.rules.Rule;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.SparkStrategy;

/**
 * Takes calls of {@code octavo_classify} out of the expressions of a query and puts a {@link
 * Classify} node below instead, as Spark's {@code ExtractPythonUDFs} does for Python: the rows of a
 * partition are classified in full batches.
 *
 * <p>A call that other operators hold already is not made twice. What can't be taken out stays an
 * expression, which Spark evaluates a row at a time: calls in a branch that may not be evaluated
 * ({@code CASE}, {@code IF}, {@code COALESCE} after its first), calls on the element of an array
 * ({@code transform}), calls that are not deterministic, and those on no column at all.
 */
final class BatchedCalls extends Rule<LogicalPlan> {
  /** The operators whose expressions are evaluated for each row of their children. */
  private static final List<Class<? extends LogicalPlan>> OPERATORS =
      List.of(
          Project.class,
          Filter.class,
          Aggregate.class,
          Join.class,
          Sort.class,
          Window.class,
          Generate.class,
          Expand.class,
          RepartitionByExpression.class);

  /** Plans {@link Classify} nodes. */
  private static final class Strategy extends SparkStrategy {
    @Override
    public scala.collection.immutable.Seq<SparkPlan> apply(LogicalPlan plan) {
      return ScalaCollections.asScala(
          plan instanceof Classify node
              ? List.of(new ClassifyExec(node.call(), node.result(), planLater(node.child())))
              : List.of());
    }
  }

  /** Makes queries of this session, and of its copies, run calls in batches. */
  static synchronized void install(SparkSession spark) {
    var methods = spark.experimental();
    List<Rule<LogicalPlan>> rules =
        new ArrayList<>(ScalaCollections.asJava(methods.extraOptimizations()));
    if (rules.stream().noneMatch(BatchedCalls.class::isInstance)) {
      List<SparkStrategy> strategies =
          new ArrayList<>(ScalaCollections.asJava(methods.extraStrategies()));
      strategies.add(new Strategy());
      methods.extraStrategies_$eq(ScalaCollections.asScala(strategies));
      rules.add(new BatchedCalls());
      methods.extraOptimizations_$eq(ScalaCollections.asScala(rules));
    }
  }

  @Override
  public LogicalPlan apply(LogicalPlan plan) {
    if (plan instanceof Subquery subquery && subquery.correlated()) {
      return plan; // it becomes a join, whose plan comes here again
    }
    LogicalPlan rewritten = rewrite(plan);
    // The node reads no more than it needs, and what is below it is read for its sake alone.
    return rewritten.fastEquals(plan) ? plan : ColumnPruning$.MODULE$.apply(rewritten);
  }

  private LogicalPlan rewrite(LogicalPlan plan) {
    if (plan instanceof Classify) {
      return plan;
    }
    LogicalPlan operator = plan.mapChildren(this::rewrite);
    if (OPERATORS.stream().noneMatch(type -> type.isInstance(operator))) {
      return operator;
    }
    if (operator instanceof Aggregate aggregate) {
      LogicalPlan above = AggregateCalls.above(aggregate);
      if (!above.fastEquals(aggregate)) {
        return rewrite(above);
      }
    }
    LogicalPlan taken = takeAll(operator);
    return taken.fastEquals(operator) ? operator : keepingOutput(taken, operator);
  }

  private static LogicalPlan keepingOutput(LogicalPlan plan, LogicalPlan original) {
    return plan.output().equals(original.output())
        ? plan
        : new Project(
            ScalaCollections.asScala(new ArrayList<>(ScalaCollections.asJava(original.output()))),
            plan);
  }

  private static LogicalPlan takeAll(LogicalPlan operator) {
    LogicalPlan plan = operator;
    for (Optional<ScalaUDF> call = next(plan); call.isPresent(); call = next(plan)) {
      if (plan instanceof Filter filter) {
        plan = Conjuncts.withoutCallsFirst(filter);
      }
      plan = take(plan, call.get());
    }
    return plan;
  }

  /** A call that a child of the operator can make for it. */
  private static Optional<ScalaUDF> next(LogicalPlan operator) {
    List<ScalaUDF> calls = new ArrayList<>();
    for (Expression expression : ScalaCollections.asJava(operator.expressions())) {
      if (operator instanceof Aggregate) {
        AggregateCalls.arguments(expression).forEach(e -> collect(e, calls::add));
      } else {
        collect(expression, calls::add);
      }
    }
    return calls.stream().filter(call -> source(operator, call).isPresent()).findFirst();
  }

  private static Optional<LogicalPlan> source(LogicalPlan operator, ScalaUDF call) {
    return ScalaCollections.asJava(operator.children()).stream()
        .filter(child -> call.references().subsetOf(child.outputSet()))
        .findFirst();
  }

  static boolean isCall(Expression expression) {
    return expression instanceof ScalaUDF udf
        && udf.function() instanceof ClassifyFunction
        && udf.children().size() == 1;
  }

  static boolean hasCall(Expression expression) {
    return expression.exists(BatchedCalls::isCall);
  }

  /** Innermost calls among what is evaluated in any case. */
  private static void collect(Expression expression, Consumer<ScalaUDF> found) {
    List<Expression> children = ScalaCollections.asJava(expression.children());
    if (expression instanceof ScalaUDF call
        && isCall(call)
        && children.stream().noneMatch(BatchedCalls::hasCall)) {
      if (call.deterministic()
          && call.references().nonEmpty()
          && !call.exists(NamedLambdaVariable.class::isInstance)) {
        found.accept(call);
      }
      return;
    }
    if (expression instanceof ConditionalExpression conditional) {
      children = ScalaCollections.asJava(conditional.alwaysEvaluatedInputs());
    }
    children.forEach(child -> collect(child, found));
  }

  private static LogicalPlan take(LogicalPlan operator, ScalaUDF call) {
    LogicalPlan source = source(operator, call).orElseThrow();
    Provider provider = Provider.of(source, call);
    LogicalPlan above = operator.mapChildren(child -> child == source ? provider.plan() : child);
    var replacement = new Replacement(e -> e.semanticEquals(call), e -> provider.result());
    return operator instanceof Aggregate
        ? above.transformExpressions(
            new Replacement(AggregateExpression.class::isInstance, e -> e.transform(replacement)))
        : above.transformExpressions(replacement);
  }
}
