package dev.octavo.tracking;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.mlflow.api.proto.Service.CreateExperiment;
import org.mlflow.api.proto.Service.CreateRun;
import org.mlflow.api.proto.Service.Experiment;
import org.mlflow.api.proto.Service.GetExperimentByName;
import org.mlflow.api.proto.Service.GetMetricHistory;
import org.mlflow.api.proto.Service.GetRun;
import org.mlflow.api.proto.Service.LogBatch;
import org.mlflow.api.proto.Service.Metric;
import org.mlflow.api.proto.Service.Param;
import org.mlflow.api.proto.Service.Run;
import org.mlflow.api.proto.Service.RunData;
import org.mlflow.api.proto.Service.RunInfo;
import org.mlflow.api.proto.Service.RunStatus;
import org.mlflow.api.proto.Service.UpdateRun;
import org.mlflow_project.google.protobuf.Message;
import org.mlflow_project.google.protobuf.util.JsonFormat;

/**
 * The part of an MLflow tracking server that runs need, in memory on loopback. Requests are parsed
 * with MLflow's own message types, which refuse unknown fields and wrong types, and held to its
 * documented limits.
 */
final class MlflowRecorder implements AutoCloseable {
  /** An answer instead of the proper one. */
  record Outage(int status, String body) {}

  private record Stored(Run.Builder run, List<Metric> metrics, Map<String, String> params) {}

  private static final class Refusal extends Exception {
    private static final long serialVersionUID = 1L;
    private final int status;
    private final String code;

    Refusal(int status, String code) {
      super(code);
      this.status = status;
      this.code = code;
    }
  }

  private final HttpServer http;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final String prefix;
  private final Map<String, Experiment> experiments = new LinkedHashMap<>();
  private final Map<String, Stored> runs = new LinkedHashMap<>();
  private final List<String> calls = new CopyOnWriteArrayList<>();
  private final List<String> authorizations = new CopyOnWriteArrayList<>();
  private volatile Optional<Outage> outage = Optional.empty();

  /** A server whose API is below a path. */
  MlflowRecorder(String prefix) throws IOException {
    this.prefix = prefix;
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.createContext("/", this::handle);
    http.setExecutor(threads);
    http.start();
  }

  String uri() {
    return "http://127.0.0.1:%d%s".formatted(http.getAddress().getPort(), prefix);
  }

  /** Answers like this until told otherwise. */
  void outage(int status, String body) {
    outage = Optional.of(new Outage(status, body));
  }

  void recover() {
    outage = Optional.empty();
  }

  /** The calls so far, without the common path: {@code runs/create}. */
  List<String> calls() {
    return calls;
  }

  /** The values of that header, one per call that had it. */
  List<String> authorizations() {
    return authorizations;
  }

  @Override
  public void close() {
    http.stop(0);
    threads.shutdownNow();
  }

  private void handle(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    String base = prefix + "/api/2.0/mlflow/";
    calls.add(path.startsWith(base) ? path.substring(base.length()) : path);
    Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization"))
        .ifPresent(authorizations::add);
    if (outage.isPresent()) {
      reply(exchange, outage.get().status, outage.get().body);
      return;
    }
    try {
      String method = exchange.getRequestMethod();
      Message answer = answer(method + " " + path.substring(base.length()), body, query(exchange));
      reply(exchange, 200, JsonFormat.printer().preservingProtoFieldNames().print(answer));
    } catch (Refusal e) {
      reply(
          exchange,
          e.status,
          "{\"error_code\": \"%s\", \"message\": \"refused by the recorder\"}".formatted(e.code));
    } catch (IOException | RuntimeException e) {
      reply(exchange, 400, "{\"error_code\": \"BAD_REQUEST\", \"message\": \"" + e + "\"}");
    }
  }

  private static void reply(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private static Map<String, String> query(HttpExchange exchange) {
    return Stream.ofNullable(exchange.getRequestURI().getRawQuery())
        .flatMap(query -> Stream.of(query.split("&")))
        .map(pair -> pair.split("=", 2))
        .collect(
            Collectors.toMap(
                pair -> pair[0], pair -> URLDecoder.decode(pair[1], StandardCharsets.UTF_8)));
  }

  private synchronized Message answer(String call, String body, Map<String, String> query)
      throws IOException, Refusal {
    return switch (call) {
      case "GET experiments/get-by-name" -> {
        Experiment experiment =
            found(
                experiments.get(
                    query.get(GetExperimentByName.getDescriptor().getFields().get(0).getName())));
        yield GetExperimentByName.Response.newBuilder().setExperiment(experiment).build();
      }
      case "POST experiments/create" -> create(parse(body, CreateExperiment.newBuilder()).build());
      case "POST runs/create" -> create(parse(body, CreateRun.newBuilder()).build());
      case "POST runs/update" -> update(parse(body, UpdateRun.newBuilder()).build());
      case "POST runs/log-batch" -> log(parse(body, LogBatch.newBuilder()).build());
      case "GET runs/get" -> GetRun.Response.newBuilder().setRun(run(query.get("run_id"))).build();
      case "GET metrics/get-history" ->
          GetMetricHistory.Response.newBuilder()
              .addAllMetrics(
                  found(runs.get(query.get("run_id"))).metrics.stream()
                      .filter(metric -> metric.getKey().equals(query.get("metric_key")))
                      .toList())
              .build();
      default -> throw new Refusal(404, "ENDPOINT_NOT_FOUND");
    };
  }

  private static <B extends Message.Builder> B parse(String json, B builder) throws IOException {
    JsonFormat.parser().merge(json, builder);
    return builder;
  }

  private static <T> T found(T value) throws Refusal {
    return check(value, value != null, 404, "RESOURCE_DOES_NOT_EXIST");
  }

  private static <T> T check(T value, boolean good, int status, String code) throws Refusal {
    if (!good) {
      throw new Refusal(status, code);
    }
    return value;
  }

  private Message create(CreateExperiment request) throws Refusal {
    boolean free = !experiments.containsKey(request.getName());
    check(request, free, 400, "RESOURCE_ALREADY_EXISTS");
    String id = String.valueOf(experiments.size() + 1);
    experiments.put(
        request.getName(),
        Experiment.newBuilder().setExperimentId(id).setName(request.getName()).build());
    return CreateExperiment.Response.newBuilder().setExperimentId(id).build();
  }

  private Message create(CreateRun request) throws Refusal {
    found(
        experiments.values().stream()
            .filter(e -> e.getExperimentId().equals(request.getExperimentId()))
            .findFirst()
            .orElse(null));
    String id = "run" + (runs.size() + 1);
    Run.Builder run =
        Run.newBuilder()
            .setInfo(
                RunInfo.newBuilder()
                    .setRunId(id)
                    .setRunName(request.getRunName())
                    .setExperimentId(request.getExperimentId())
                    .setStartTime(request.getStartTime())
                    .setStatus(RunStatus.RUNNING))
            .setData(RunData.newBuilder().addAllTags(request.getTagsList()));
    runs.put(id, new Stored(run, new ArrayList<>(), new LinkedHashMap<>()));
    return CreateRun.Response.newBuilder().setRun(run).build();
  }

  private Message update(UpdateRun request) throws Refusal {
    RunInfo.Builder info = found(runs.get(request.getRunId())).run.getInfoBuilder();
    info.setStatus(request.getStatus());
    if (request.hasEndTime()) {
      info.setEndTime(request.getEndTime());
    }
    return UpdateRun.Response.newBuilder().setRunInfo(info).build();
  }

  private Message log(LogBatch request) throws Refusal {
    Stored stored = found(runs.get(request.getRunId()));
    boolean within = request.getMetricsCount() <= 1000 && request.getParamsCount() <= 100;
    check(request, within, 400, "INVALID_PARAMETER_VALUE");
    for (Param param : request.getParamsList()) {
      boolean short500 = param.getValue().length() <= 500;
      String before = stored.params.putIfAbsent(param.getKey(), param.getValue());
      boolean unchanged = before == null || before.equals(param.getValue());
      check(param, short500 && unchanged, 400, "INVALID_PARAMETER_VALUE");
    }
    for (Metric metric : request.getMetricsList()) {
      boolean whole = metric.hasKey() && metric.hasValue() && metric.hasTimestamp();
      check(metric, whole && metric.hasStep(), 400, "INVALID_PARAMETER_VALUE");
    }
    stored.metrics.addAll(request.getMetricsList());
    return LogBatch.Response.newBuilder().build();
  }

  private Run run(String id) throws Refusal {
    Stored stored = found(runs.get(id));
    Run.Builder run = stored.run.clone();
    stored.params.forEach(
        (key, value) ->
            run.getDataBuilder().addParams(Param.newBuilder().setKey(key).setValue(value)));
    return run.build();
  }
}
