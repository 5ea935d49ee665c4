package dev.octavo.spark.collective;

/** A collective that can't be completed, because of a peer or of the network. */
public class CollectiveException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CollectiveException(String message) {
    super(message);
  }

  CollectiveException(String message, Throwable cause) {
    super(message, cause);
  }

  /**
   * A worker called {@link Ring#abort}: the message is its reason. All workers get the same reason,
   * so this ends the work in good order; it is not a fault of the cluster.
   */
  public static final class Aborted extends CollectiveException {
    private static final long serialVersionUID = 1L;

    Aborted(String reason) {
      super(reason);
    }
  }
}
