package dev.octavo.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.octavo.OctavoException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MlflowServerTest {
  @ParameterizedTest
  @CsvSource({
    "http://host:5000, http://host:5000",
    "https://host/tools/mlflow/, https://host/tools/mlflow",
    "HTTP://host, HTTP://host"
  })
  void takesAddressesWithAndWithoutAPath(String given, String address) {
    assertThat(MlflowServer.of(given, Map.of())).hasToString(address);
  }

  @ParameterizedTest
  @CsvSource({
    "host:5000, does not begin with http",
    "localhost, does not begin with http",
    "file:/tmp/mlruns, does not begin with http",
    "databricks://profile, does not begin with http",
    "'', does not begin with http",
    "http://, Expected scheme-specific part",
    "http:///path, names no host",
    "http://under_score:5000, names no host",
    "http://a host, Illegal character",
    "http://host/?x=1, has a query or a fragment",
    "http://host/#/experiments/1, has a query or a fragment"
  })
  void refusesWhatIsNoAddressOfAServer(String uri, String reason) {
    assertThatThrownBy(() -> MlflowServer.of(uri, Map.of()))
        .isInstanceOf(OctavoException.Usage.class)
        .hasMessageContaining("'" + uri + "' is no MLflow tracking server")
        .hasMessageContaining(reason)
        .hasMessageEndingWith("such as http://host:5000");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://me:secret@host:5000",
        "https://secret@host",
        "http://me:secret@under_score:5000",
        "htp://me:secret@host",
        "http://me:secret @host",
        "http://me:sec ret@host",
        "me:secret@host:5000"
      })
  void refusesCredentialsInTheAddressWithoutRepeatingThem(String uri) {
    assertThatThrownBy(() -> MlflowServer.of(uri, Map.of()))
        .isInstanceOf(OctavoException.Usage.class)
        .hasMessageContaining("MLFLOW_TRACKING_USERNAME")
        .hasMessageNotContaining("secret");
  }

  @Test
  void takesCredentialsFromTheEnvironmentAsMlflowDoes() {
    Map<String, String> password =
        Map.of("MLFLOW_TRACKING_USERNAME", "me", "MLFLOW_TRACKING_PASSWORD", "pässword");
    assertThat(MlflowServer.of("http://host", password).authorization())
        .contains("Basic bWU6cMOkc3N3b3Jk");
    assertThat(MlflowServer.of("http://host", Map.of("MLFLOW_TRACKING_TOKEN", "t")).authorization())
        .contains("Bearer t");
    assertThat(
            MlflowServer.of(
                    "http://host",
                    Map.of("MLFLOW_TRACKING_USERNAME", "me", "MLFLOW_TRACKING_TOKEN", "t"))
                .authorization())
        .as("a user without a password")
        .contains("Bearer t");
    assertThat(MlflowServer.of("http://host", Map.of()).authorization()).isEmpty();
  }

  @Test
  void doesNotPrintCredentials() {
    MlflowServer server = MlflowServer.of("http://host", Map.of("MLFLOW_TRACKING_TOKEN", "secret"));
    assertThat(server).hasToString("http://host");
  }
}
