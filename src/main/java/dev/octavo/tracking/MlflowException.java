package dev.octavo.tracking;

import java.io.IOException;

/** The server answered, but not as asked. */
final class MlflowException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final String code;

  /**
   * A refusal.
   *
   * @param status HTTP's
   * @param code MLflow's, such as {@code RESOURCE_DOES_NOT_EXIST}; empty if it gave none
   */
  MlflowException(int status, String code, String message) {
    super(message);
    this.status = status;
    this.code = code;
  }

  boolean isCode(String expected) {
    return code.equals(expected);
  }

  boolean isLogin() {
    return status == 401 || status == 403;
  }
}
